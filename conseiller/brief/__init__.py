"""The pack for the assembly: note (PDF), draft délibération (Word), slides, all printed from the same facts."""
