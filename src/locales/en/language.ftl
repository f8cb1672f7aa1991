# What its speakers call the language.
native-name = English
