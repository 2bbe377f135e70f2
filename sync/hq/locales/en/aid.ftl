findings-title = Double hand-outs
findings-about = While out of touch, two ledgers gave the same person the same share. Both shelters were told. The list is for looking into it, not for blaming.
findings-empty = No double hand-outs were found. When they are, they stand here.
share = Share
handed-out-at = Handed out at
found-at = Found
finding-settled = taken back since
household-unknown = no household record
