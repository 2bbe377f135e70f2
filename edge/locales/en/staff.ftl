# Signing in, roles, the desk's first page.
role-staff = staff
role-lead = in charge

sign-in-title = Staff sign-in
sign-in-name = Name
sign-in-pin = PIN
sign-in-do = Sign in
sign-in-nobody = There is no staff yet. Run “yadori-edge staff add --lead” on this device to add the person in charge.
sign-in-form-waits = Your session ended. Sign in again, and what you typed will be sent as it is.
sign-in-name-unknown = There is no staff of this name. Choose from the list, or ask the person in charge to add you
sign-in-pin-missing = Type your PIN in digits
sign-in-pin-wrong = The PIN is wrong. Type it again. If you forgot it, ask the person in charge
sign-in-wait = After several wrong PINs, wait { $count } more seconds. If it is urgent, ask the person in charge for a new PIN

staff-title = Staff
staff-change = Change { $value }
staff-pin-new = New PIN
staff-pin-set = Change the PIN
staff-retire = Stop sign-in
staff-add-title = Add staff
staff-name = Name
staff-name-hint = If two people share a name, add where they are from
staff-role = Role
staff-pin = PIN
staff-pin-hint = 4 to 8 digits; 6 or more for the person in charge
staff-add = Add
staff-lead-pin-short = The PIN of a person in charge needs { $count } digits or more
staff-name-taken = There is staff of this name already. Add where they are from
staff-too-many = The list of staff is full. Stop the sign-in of those who have left

home-title = Right now
home-empty = Nobody is here yet. Press “Begin reception” for the first family.
home-receive = Begin reception
home-search = Search the roster
