import { existsSync } from 'node:fs';

const folder = '/usr/lib/chromium';
const driver = `${folder}/vk_swiftshader_icd.json`;

/** Chromium brings a Vulkan driver that computes on the CPU, and a loader of drivers. */
export const hasSoftwareGpu = existsSync(driver);
export const withoutSoftwareGpu = hasSoftwareGpu ? '' : ` (skipped: ${driver} is absent; Debian’s chromium has it)`;

const found = [process.env['LD_LIBRARY_PATH'], folder].filter(Boolean).join(':');
/** The environment in which WebGPU finds that driver and no other. */
export const softwareGpu = { LD_LIBRARY_PATH: found, VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver };
/** The environment in which WebGPU finds none. */
export const noGpu = { VK_DRIVER_FILES: '/nowhere', VK_ICD_FILENAMES: '/nowhere' };
