# Handing out aid.
aid-title = Aid
aid-no-days = No day has been opened. Open today below.
aid-open-day-title = Open a day
aid-day = Date
aid-day-hint = Like 2026-11-22
aid-open-day = Open
aid-no-rounds = There is no round yet. Write the item and begin.
aid-open-round-title = Begin a round
aid-item = Item
aid-item-hint = Blanket, breakfast
aid-slot = Time of day
aid-open-round = Begin
aid-given-count = Given to { $count ->
    [one] { $count } person
   *[other] { $count } people
}
slot-day = once a day
slot-breakfast = morning
slot-lunch = noon
slot-dinner = evening
item-empty = Write the item
item-too-long = An item has { $value } characters at most
item-hidden-character = The item holds a character that cannot be seen. Type it again
item-undrawable-character = The item holds a character that other devices cannot show. Use a similar one
item-angle-bracket = An item cannot hold < or >. Leave them out
aid-card = Card number
aid-card-hint = Type it, or use a reader
aid-card-unknown = This card is not on the roster of this shelter. Check the number, or register the family at reception
aid-give = Give
aid-list-title = Give from the list
aid-who = Who gets it
aid-had = given
aid-nobody-ticked = Choose who gets it
aid-give-ticked = Give to those chosen
aid-done = Given:
aid-void = Take back
aid-void-of = Take back: { $value }
aid-void-gone = This hand-out was taken back already
aid-already-title = Already given
aid-already-when = Given to { $first } of them at { $second }
aid-already-about = To give it once more, write the reason. Whoever needs it may have it.
aid-reason = Reason to give it again
aid-give-again = Give it again
aid-newest-title = Latest hand-outs
aid-doubles-title = Given at two places
aid-doubles-about = While there was no contact, the same person was given this at two shelters; headquarters found it. Nobody is to blame. Check what is left in stock.
