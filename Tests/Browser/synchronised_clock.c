// Preloaded into kioskd: says that a time service keeps the clock, as it does on a kiosk. Opening hours are held only then.
#include <string.h>
#include <sys/timex.h>

int adjtimex(struct timex *state) {
  memset(state, 0, sizeof *state);
  return TIME_OK;
}
