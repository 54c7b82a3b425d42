/** Outlines on a 24 x 24 grid. */
const paths = {
  microphone: 'M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5.500 11a6.500 6.500 0 0 0 13 0M12 17.500V21',
  microphoneOff: 'M9 9.200V11a3 3 0 0 0 4.600 2.500M15 11V6a3 3 0 0 0-5.800-1.100M5.500 11a6.500 6.500 0 0 0 10.200 5.300M18.500 11c0 .9-.2 1.700-.5 2.500M12 17.500V21M4 4l16 16',
  camera: 'M5 6.500h8a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2zM15 10.800l5-2.800v8l-5-2.800',
  cameraOff: 'M10 6.500h3a2 2 0 0 1 2 2v2.300l5-2.800v8M15 15.500a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 1.500-1.900M4 4l16 16',
  screen: 'M4 5h16a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM9 20h6M12 13.500V8M9.500 10.300L12 7.800l2.500 2.500',
  link: 'M10 14a4 4 0 0 0 5.700 0l3-3A4 4 0 0 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3A4 4 0 0 0 11 18.700l1-1',
  people: 'M9 11.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 20a6.500 6.500 0 0 1 13 0M16 4.800a3.500 3.500 0 0 1 0 6.400M18 14.200a6.500 6.500 0 0 1 3.500 5.800',
  chart: 'M4 20V11M10 20V4M16 20v-6M20.500 20h-18',
  hangUp: 'M3.200 14.800c-.9-1-.9-2.500 0-3.500 4.900-4.700 12.700-4.700 17.600 0 .9 1 .9 2.500 0 3.500l-.6.6a1.500 1.500 0 0 1-1.800.2l-2.300-1.400a1.500 1.500 0 0 1-.7-1.400l.1-1.500a11 11 0 0 0-7 0l.1 1.500c0 .6-.2 1.100-.7 1.400l-2.300 1.400a1.500 1.500 0 0 1-1.800-.2z',
  stop: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9 9l6 6M15 9l-6 6',
  close: 'M6 6l12 12M18 6L6 18',
  phone: 'M5 4h3.500l1.700 4.500-2.200 1.600a12 12 0 0 0 5.900 5.900l1.600-2.200L20 15.500V19a1.500 1.500 0 0 1-1.600 1.500A15.500 15.500 0 0 1 3.500 5.600 1.500 1.500 0 0 1 5 4z',
  plus: 'M12 5v14M5 12h14',
} as const;

export type IconName = keyof typeof paths;

const svgNamespace = 'http://www.w3.org/2000/svg';

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(svgNamespace, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.add('icon');
  const path = document.createElementNS(svgNamespace, 'path');
  path.setAttribute('d', paths[name]);
  svg.append(path);
  return svg;
}

export function setIcon(target: Element, name: IconName): void {
  const svg = target.querySelector('.icon');
  const path = svg?.querySelector('path');
  if (path && path.getAttribute('d') !== paths[name]) path.setAttribute('d', paths[name]);
}
