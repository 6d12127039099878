"""PyPI blynklib: TOKEN PORT HEARTBEAT-SECONDS"""
import sys

import blynklib

token, port, heartbeat = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
blynk = blynklib.Blynk(token, server="127.0.0.1", port=port, heartbeat=heartbeat)


@blynk.handle_event("connect")
def connected():
    blynk.virtual_write(1, "up")


@blynk.handle_event("write V2")
def written(pin, values):
    print(f"V{pin} is {values[0]}", flush=True)


while True:
    blynk.run()
