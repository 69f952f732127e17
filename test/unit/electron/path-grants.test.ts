import { describe, expect, it } from 'vitest';
import { PathGrants } from '../../../src-main/electron/path-grants';

describe('path grants', () => {
  it('allow nothing at first', () => {
    expect(new PathGrants().allowsFolder('/')).toBe(false);
    expect(new PathGrants().allowsFile('/a')).toBe(false);
  });

  it('allow a chosen folder and what is inside', () => {
    const grants = new PathGrants();
    grants.grantFolder('/home/ada/cells/');
    expect(grants.allowsFolder('/home/ada/cells')).toBe(true);
    expect(grants.allowsFolder('/home/ada/cells/VOC2007')).toBe(true);
    expect(grants.allowsFolder('/home/ada/cells/..data')).toBe(true);
  });

  it('refuse what is beside it, above it, relative, or written in a way that hides where it leads', () => {
    const grants = new PathGrants();
    grants.grantFolder('/home/ada/cells');
    for (const path of [
      '/home/ada',
      '/home/ada/cells2',
      '/home/ada/cells/../secret',
      '/home/ada/cells/',
      '/home/ada/cells//x',
      '/home/ada/cells/./x',
      '/home/ada/cells/x\0y',
      'cells',
      '../cells',
      '',
    ])
      expect(grants.allowsFolder(path), path).toBe(false);
  });

  it('allow a chosen file alone, and a folder is not a file', () => {
    const grants = new PathGrants();
    grants.grantFile('/home/ada/model.onnx');
    grants.grantFolder('/home/ada/cells');
    expect(grants.allowsFile('/home/ada/model.onnx')).toBe(true);
    expect(grants.allowsFile('/home/ada/model.onnx2')).toBe(false);
    expect(grants.allowsFile('/home/ada/cells/model.onnx')).toBe(false);
    expect(grants.allowsFolder('/home/ada/model.onnx')).toBe(false);
  });
});
