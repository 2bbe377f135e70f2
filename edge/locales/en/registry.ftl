# Reception, the full form, the roster, one family's page.
people-count = { $count ->
    [one] { $count } person
   *[other] { $count } people
}
name-unknown = Name not entered
the-family = Family
age = age { $value }

reception-title = Reception
reception-name = Name (of one person; 不明 if not known)
reception-name-hint = Kana alone will do
reception-people = How many people
reception-needs = Support needs that you see
reception-needs-hint = Only what applies
reception-do = Receive
reception-to-full = Use the full form
reception-form-used = This form was used for another family already. If this is another family, press the button again. To correct the first one, open it from the roster.
form-id-wrong = This form cannot be used. Open the page again

card-title = Received
card-next = Write this number on a card and hand it over.
card-next-family = Next family
card-details = Enter details

form-title = Family form
form-surname = Family name (shared)
form-surname-hint = Goes before rows that hold a given name only
form-surname-reading = Reading of the family name
form-row = Person { $count }
form-row-more = Allergy, medicine, whereabouts of person { $count }
form-name = Name
form-birth-hint = 42, S60.4.1, 19850401, 40代
form-place-detail = More about the whereabouts
form-place-detail-hint = Such as the car park or the destination
form-place-with-family = With the family
form-note-hint = What other staff should know
form-mistaken = This person was entered by mistake (withdraw)
form-save = Save
form-more-rows = More rows (does not save yet)
form-nobody = Enter at least one person. If the name is not known, type 不明
form-overtaken = Since you opened this form, another desk changed this to “{ $value }”. If yours is right, press “Save” once more

roster-title = Roster
roster-search = Name, reading or card number
roster-do-search = Search
roster-all-places = All
roster-counts = People this shelter looks after: { $first } ({ $second } without a name)
roster-found = { $count ->
    [one] { $count } person
   *[other] { $count } people
}
roster-none = Nobody was found. Try a shorter word or the reading. If the person is new, go to reception.
page-before = Back
page-after = Next
alike-tag = Maybe the same person
alike-about = This may be the same person. Please ask them (both records can be used as they are):
counts-households = Households
counts-unnamed = Without a name
counts-unconfirmed = Of these, to confirm

household-edit = Enter or change
household-card = Show the card number large
household-unconfirmed = The family entered this itself. Press “Confirmed” when you have met them.
household-newer = { $count } records of a newer version cannot be read on this device. Ask the person in charge to update it.
history-title = What was written (newest first)
history-newer = A record of a newer version (cannot be read on this device)
source-family = The family itself
source-here = Staff { $value } of this device
source-elsewhere = Another device, { $value }
source-headquarters = Headquarters, { $value }

unconfirmed-title = To confirm
unconfirmed-about = Families that entered themselves on a phone. Press “Confirmed” when you have met them.
unconfirmed-none = No family is waiting.
confirm = Confirmed
confirm-family = Confirmed: { $value }

disagreements-title = Disagreements
disagreements-about = Different answers were written in places that were cut off from one another. Ask the person or the writers, and choose the right one. The other stays in the history.
disagreements-none = There are no disagreements.
disagreements-count = { $count ->
    [one] { $count } disagreement
   *[other] { $count } disagreements
}
settle-choose = This is right
settle-choose-this = This is right: { $first } “{ $second }”
settle-not-offered = This answer can no longer be chosen. Somebody else may have settled it. Look at what stands now
