# The generic programme: how an avhopparverksamhet works when the municipality has decided nothing else.
# One setting a line: name = value. A line that begins with # is for people. Every setting must be there once.
# Nothing here can put a form, a signature or another person between someone in danger and help.

profile              = generic
programme            = Avhopparverksamhet

# The person is met the same day (0) or the next day (1), weekend or not.
first meeting        = 1 day
# How often the contact in the case is in touch, from the plan on and during acute protection.
contact              = several_a_week
contact in acute     = daily
# Acute protection is reviewed at the end of this time. It never ends by itself.
acute review         = 28 days

# Hours between the steps of a reminder that cannot wait: the named person, the deputy, the desk.
escalation           = 12 hours
answer to threat     = 1 hour
answer to worry      = 4 hours
report of child concern = 2 hours
# Working days to wait for others.
answer from police   = 2 days
signature from police = 3 days
decision             = 5 days
follow-up of plan    = 28 days
# Before this hour a task for the working day is due the same day, after it the next working day.
same day before      = 12 o'clock

# The second person at night, in this order.
second at night      = duty_manager, police_desk
# What one authorised person may do alone at night; a colleague reviews it the same or the next working day.
alone                = register_intake, start_acute, open_investigation, report_threat, note, contact_done, take_case
