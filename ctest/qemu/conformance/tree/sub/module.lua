return { name = "module", value = 42 }
