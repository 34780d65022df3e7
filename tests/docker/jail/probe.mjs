// The same attempts as probe.py, as far as Node can make them: what an agent itself would try, in the image that it has.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';

const given = JSON.parse(process.argv.at(-1));
const said = {};

function attempt(name, act) {
  try {
    said[name] = act() ?? 'ok';
  } catch (error) {
    said[name] = error.code ?? String(error);
  }
}

function connect(host, port) {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: 3000 });
    const end = (how) => {
      socket.destroy();
      resolve(how);
    };
    socket.on('connect', () => end('ok')).on('error', (error) => end(error.code)).on('timeout', () => end('ETIMEDOUT'));
  });
}

function makeFile(folder) {
  const file = path.join(folder, 'written-by-probe');
  fs.writeFileSync(file, 'x');
  fs.rmSync(file);
}

function search(needle) {
  const found = [];
  const look = (file) => {
    try {
      if (file.includes(needle) || (fs.statSync(file).size < 65536 && fs.readFileSync(file).includes(needle))) found.push(file);
    } catch {
      // Not readable: not found there.
    }
  };
  for (const id of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) for (const part of ['environ', 'cmdline']) look(`/proc/${id}/${part}`);
  look('/proc/self/mountinfo');
  const walk = (folder) => {
    let names = [];
    try {
      names = fs.readdirSync(folder, { withFileTypes: true });
    } catch {
      return;
    }
    for (const name of names) {
      const full = path.join(folder, name.name);
      if (['/proc', '/sys', '/usr'].includes(full)) continue;
      if (name.isDirectory()) walk(full);
      else if (name.isFile()) look(full);
      else if (name.isSocket()) found.push(full);
    }
  };
  walk('/');
  return found.slice(0, 5).join(',') || 'nowhere';
}

const reverse = (text) => [...text].reverse().join('');

said['J01 connect 1.1.1.1:443'] = await connect('1.1.1.1', 443);
said['J01 connect 169.254.169.254:80'] = await connect('169.254.169.254', 80);
said['J01 connect [::1]:443'] = await connect('::1', 443);
const server = net.createServer().listen(0, '127.0.0.1');
await new Promise((resolve) => server.on('listening', resolve));
said['twin J01 connect to itself'] = await connect('127.0.0.1', server.address().port);
server.close();
said["J02 the host's planted key"] = search(reverse(given.sentinel));
if (given.control) said['twin J02 a marker in the tree'] = search(reverse(given.control));
for (const folder of ['/', '/usr', '/etc', '/var/tmp', '/run', path.dirname(process.execPath)]) attempt(`J05 write to ${folder}`, () => makeFile(folder));
for (const { path: folder, write } of given.mounts) attempt(`${write ? 'twin J06' : 'J06'} write to ${folder}`, () => makeFile(folder));
for (const folder of given.tmpfs) attempt(`twin J05 write to ${folder}`, () => makeFile(folder));
attempt('twin J03 start a program', () => (spawnSync('/bin/true').status === 0 ? 'ok' : 'failed'));
said['twin J04 a worker thread'] = await new Promise((resolve) => {
  new Worker('0', { eval: true }).on('exit', (code) => resolve(code === 0 ? 'ok' : `exit ${code}`)).on('error', (error) => resolve(String(error)));
});
attempt('twin J04 watch a folder', () => fs.watch(given.tmpfs[0] ?? '/dev/shm').close());
const status = Object.fromEntries(fs.readFileSync('/proc/self/status', 'utf8').split('\n').filter(Boolean).map((line) => line.split(/:\s*/, 2)));
for (const name of ['CapEff', 'CapBnd', 'NoNewPrivs', 'Seccomp', 'Uid']) said[`status ${name}`] = status[name].trim().replaceAll('\t', ' ');
said['J01 interfaces'] = fs.readdirSync('/sys/class/net').sort().join(',');
said['twin memory for an agent'] = os.totalmem() > 0 && Buffer.alloc(32 * 1024 * 1024, 1).length > 0 ? 'ok' : 'failed';
console.log(JSON.stringify(said));
