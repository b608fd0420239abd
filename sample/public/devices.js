// Signs out the device that a button names, by the routes of the package. The server says which sessions are the user's.
const state = document.getElementById('devices-state');

for (const button of document.querySelectorAll('[data-end]')) {
  button.addEventListener('click', async () => {
    button.disabled = true;
    const { end } = button.dataset;
    const answer = await fetch(end === 'all' ? '/session/list' : `/session/list/${encodeURIComponent(end)}`, {
      method: 'DELETE',
    }).catch(() => undefined);
    // 404: the session has ended in the meantime.
    if (answer?.ok || answer?.status === 404) return location.reload();
    button.disabled = false;
    state.textContent = 'That did not work. Try again in a moment.';
  });
}
