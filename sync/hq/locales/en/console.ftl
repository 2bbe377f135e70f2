console-name = Yadori headquarters
skip-to-content = Skip to content
nav-label = Menu
nav-shelters = Shelters
nav-people = Find a person
nav-findings = Double hand-outs
nav-quarantine = Changes held back
nav-read-log = Read log
tongues-label = Languages
error-prefix = Error:
age-now = now
age-minutes = { $n ->
    [one] { $n } minute ago
   *[other] { $n } minutes ago
}
age-hours = { $n ->
    [one] { $n } hour ago
   *[other] { $n } hours ago
}
age-days = { $n ->
    [one] { $n } day ago
   *[other] { $n } days ago
}
