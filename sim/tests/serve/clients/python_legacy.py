"""PyPI blynk-library-python: TOKEN PORT HEARTBEAT-SECONDS"""
import sys

import BlynkLib

token, port, heartbeat = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
blynk = BlynkLib.Blynk(token, server="127.0.0.1", port=port, heartbeat=heartbeat)


blynk.on("connected", lambda **_: blynk.virtual_write(1, "up"))
blynk.on("V2", lambda values: print(f"V2 is {values[0]}", flush=True))
while True:
    blynk.run()
