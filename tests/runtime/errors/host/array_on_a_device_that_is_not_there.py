"""Arrays live on devices that exist."""

# class: DeviceError


tw.zeros(3, device="cuda:3")  # error: no device 'cuda:3': this version of Tilewright has no CUDA backend
# note: `tw.devices()` lists what there is; kernels run on 'cpu'
