// npm blynk-library: TOKEN PORT HEARTBEAT-SECONDS
const { Blynk, TcpClient } = require("blynk-library");
const [token, port, heartbeat] = process.argv.slice(2);
const connector = new TcpClient({ addr: "127.0.0.1", port: Number(port) });
const blynk = new Blynk(token, { connector, heartbeat: heartbeat * 1000 });
blynk.on("error", () => {});
blynk.on("connect", () => blynk.virtualWrite(1, "up"));
new blynk.VirtualPin(2).on("write", (values) => console.log(`V2 is ${values[0]}`));
