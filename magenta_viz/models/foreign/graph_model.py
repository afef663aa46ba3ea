def of_file(file):
  raise ValueError('later')
