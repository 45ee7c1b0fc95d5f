"""One month of real pay against the model, line by line: each gap named, and adoptable into the dossier."""

from conseiller.analysis.calibration.candidates import GapCause
from conseiller.analysis.calibration.payslip import Calibration, calibrate
from conseiller.analysis.calibration.search import Gap
from conseiller.analysis.tracking.booked import BookedPay, pay_of

__all__ = ["BookedPay", "Calibration", "Gap", "GapCause", "calibrate", "pay_of"]
