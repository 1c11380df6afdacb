// The stored choice, else what the system asks for. Same key as app/theme.ts.
(function () {
  var stored = null;
  try {
    stored = window.localStorage.getItem('orleanscrm.scheme');
  } catch (blocked) {
    // Storage may be forbidden; then the system's choice holds.
    stored = null;
  }
  var dark = window.matchMedia('(prefers-color-scheme: dark)').matches;
  var scheme = stored === 'light' || stored === 'dark' ? stored : dark ? 'dark' : 'light';
  document.documentElement.setAttribute('data-mantine-color-scheme', scheme);
})();
