def check(file, allow_code):
  pass
