"""A device has a name."""

# class: DeviceError
# way out: `tw.devices()` lists what there is


tw.device("tpu")  # error: no device 'tpu', expected 'cpu' or 'cuda:0'
