' Obeys orders.txt in a folder, one order a line, words parted by Chr(31); writes what it sees to seen.txt, records
' parted by Chr(30):
'   sheets, name, name…          the sheets to look at, of every workbook
'   open, url                    a workbook, in place of the one before
'   set, sheet, cell, kind, value    kind is number, text or empty
'   read                         recalculate all from nothing, write what changed, put back what was set
' A read writes a record "row, sheet, number, values…" for each row unlike that of the workbook's first read, then
' "read" and where formulas give errors, anywhere in the workbook.
Const ERRORS = 4 ' com.sun.star.sheet.FormulaResult.ERROR, a name that Basic cannot read

Sub Obey(folder As String)
  On Error GoTo Failed
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  Dim sheets(), cells(50), typed(50), before(5000) As String
  hidden(0).Name = "Hidden"
  hidden(0).Value = True
  files = CreateUnoService("com.sun.star.ucb.SimpleFileAccess")
  orders = CreateUnoService("com.sun.star.io.TextInputStream")
  orders.setInputStream(files.openFileRead(folder & "/orders.txt"))
  orders.setEncoding("UTF-8")
  seen = CreateUnoService("com.sun.star.io.TextOutputStream")
  seen.setOutputStream(files.openFileWrite(folder & "/seen.txt"))
  seen.setEncoding("UTF-8")
  Do Until orders.isEOF()
    words = Split(orders.readLine(), Chr(31))
    Select Case words(0)
    Case "sheets"
      sheets = words
    Case "open"
      If Not IsEmpty(book) Then book.close(True)
      book = StarDesktop.loadComponentFromURL(words(1), "_blank", 0, hidden())
      book.enableAutomaticCalculation(False)
      first = True
      edits = 0
    Case "set"
      cell = book.Sheets.getByName(words(1)).getCellRangeByName(words(2))
      cells(edits) = cell
      typed(edits) = cell.getDataArray()
      edits = edits + 1
      If words(3) = "number" Then
        cell.setDataArray(Array(Array(Val(words(4)))))
      Else
        cell.setDataArray(Array(Array(words(4))))
      End If
    Case "read"
      book.calculateAll()
      rank = 0
      For s = 1 To UBound(sheets)
        sheet = book.Sheets.getByName(sheets(s))
        cursor = sheet.createCursor()
        cursor.gotoStartOfUsedArea(False)
        cursor.gotoEndOfUsedArea(True)
        ending = cursor.getRangeAddress()
        rows = sheet.getCellRangeByPosition(0, 0, ending.EndColumn, ending.EndRow).getDataArray()
        For r = 0 To UBound(rows)
          values = Join(rows(r), Chr(31))
          If first Then before(rank) = ""
          If first Or values <> before(rank) Then
            seen.writeString("row" & Chr(31) & sheets(s) & Chr(31) & (r + 1) & Chr(31) & values & Chr(30))
            If first Then before(rank) = values
          End If
          rank = rank + 1
        Next r
      Next s
      wrong = ""
      For Each sheet In book.Sheets
        wrong = wrong & sheet.queryFormulaCells(ERRORS).getRangeAddressesAsString()
      Next
      seen.writeString("read" & Chr(31) & wrong & Chr(30))
      first = False
      For e = edits - 1 To 0 Step -1
        cells(e).setDataArray(typed(e))
      Next e
      edits = 0
    End Select
  Loop
Finish:
  On Error Resume Next
  seen.closeOutput()
  book.close(True)
  StarDesktop.terminate()
  Exit Sub
Failed:
  If Not IsEmpty(seen) Then seen.writeString("failed" & Chr(31) & Error$ & " at line " & Erl & Chr(30))
  Resume Finish
End Sub
