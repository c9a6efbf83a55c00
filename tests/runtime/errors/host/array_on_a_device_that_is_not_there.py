"""Arrays live on devices that exist."""

# class: DeviceError
# way out: `tw.devices()` lists what there is


tw.zeros(3, device="tpu:3")  # error: no device 'tpu:3', expected 'cpu' or 'cuda:0'
