// tests/browser/palette.mjs — a screenshot as a PNG of 256 colours: a third of the size, for a page in the repository.
import { deflateSync, inflateSync, crc32 as zlibCrc32 } from 'node:zlib';

const table = Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});
const crc32 = zlibCrc32 ?? ((b) => (b.reduce((c, x) => table[(c ^ x) & 255] ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0);

// The pixels of an 8-bit RGB or RGBA picture without interlacing, as the browser writes them.
function pixels(png) {
  let at = 8, width = 0, height = 0, channels = 0;
  const parts = [];
  while (at < png.length) {
    const n = png.readUInt32BE(at), kind = png.toString('latin1', at + 4, at + 8), data = png.subarray(at + 8, at + 8 + n);
    if (kind === 'IHDR') {
      width = data.readUInt32BE(0);
      height = data.readUInt32BE(4);
      channels = data[9] === 6 ? 4 : 3;
    } else if (kind === 'IDAT') parts.push(data);
    at += 12 + n;
  }
  const raw = inflateSync(Buffer.concat(parts)), stride = width * channels, out = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const a = x >= channels ? out[y * stride + x - channels] : 0, b = y ? out[(y - 1) * stride + x] : 0;
      const c = x >= channels && y ? out[(y - 1) * stride + x - channels] : 0;
      const p = a + b - c, pa = Math.abs(p - a), pb = Math.abs(p - b), pc = Math.abs(p - c);
      const guess = [0, a, b, (a + b) >> 1, pa <= pb && pa <= pc ? a : pb <= pc ? b : c][filter];
      out[y * stride + x] = raw[y * (stride + 1) + 1 + x] + guess;
    }
  }
  return { width, height, channels, out };
}

function chunk(kind, data) {
  const b = Buffer.alloc(12 + data.length);
  b.writeUInt32BE(data.length, 0);
  b.write(kind, 4, 'latin1');
  data.copy(b, 8);
  b.writeUInt32BE(crc32(b.subarray(4, 8 + data.length)) >>> 0, 8 + data.length);
  return b;
}

// Few colours make up a screen; the rest go to the nearest of the 256 commonest.
export function small(png) {
  const { width, height, channels, out } = pixels(png), counts = new Map();
  for (let i = 0; i < out.length; i += channels) {
    const key = ((out[i] & 0xfc) << 16) | ((out[i + 1] & 0xfc) << 8) | (out[i + 2] & 0xfc);
    const c = counts.get(key) ?? { n: 0, rgb: [out[i], out[i + 1], out[i + 2]] };
    c.n++;
    counts.set(key, c);
  }
  const palette = [...counts.values()].sort((a, b) => b.n - a.n).slice(0, 256).map((c) => c.rgb);
  const nearest = new Map();
  for (const [key, { rgb }] of counts) {
    let best = 0, least = Infinity;
    palette.forEach(([r, g, b], i) => {
      const d = (r - rgb[0]) ** 2 + (g - rgb[1]) ** 2 + (b - rgb[2]) ** 2;
      if (d < least) [best, least] = [i, d];
    });
    nearest.set(key, best);
  }
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = (y * width + x) * channels;
      rows[y * (width + 1) + 1 + x] = nearest.get(((out[i] & 0xfc) << 16) | ((out[i + 1] & 0xfc) << 8) | (out[i + 2] & 0xfc));
    }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([png.subarray(0, 8), chunk('IHDR', head), chunk('PLTE', Buffer.from(palette.flat())),
    chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0))]);
}
