/** @jest-environment jsdom */
import { shadowRoots } from '../../../../src/client/ui/forms/shadow-roots.js';

/** A component with a field in its shadow tree, which may be in another component. */
function component(into: Node = document.body) {
  const host = into.appendChild(document.createElement('div'));
  const root = host.attachShadow({ mode: 'open' });
  return { host, root, field: root.appendChild(document.createElement('input')) };
}

function scene() {
  const heard = new Set<ShadowRoot>();
  const roots = shadowRoots((root) => {
    expect(heard.has(root)).toBe(false);
    heard.add(root);
    return () => void heard.delete(root);
  });
  return { heard, roots };
}

test('all shadow trees around a field are listened to, once each', () => {
  const { heard, roots } = scene();
  const outer = component();
  const inner = component(outer.root);
  roots.hear(inner.field);
  roots.hear(inner.field);
  roots.hear(outer.field);
  expect([...heard]).toEqual([inner.root, outer.root]);
  roots.stop();
  expect(heard.size).toBe(0);
});

test('a shadow tree that is no longer on the page is not held', () => {
  const { heard, roots } = scene();
  const [first, second, third] = [component(), component(), component()];
  roots.hear(first.field);
  roots.hear(second.field);
  first.host.remove();
  roots.hear(third.field);
  expect([...heard]).toEqual([second.root, third.root]);
  // The page may show it again.
  document.body.append(first.host);
  roots.hear(first.field);
  expect(heard.has(first.root)).toBe(true);
});
