// The API over libgpiod 1.6: a request and a descriptor for each line, because only there a line can have a bias of its
// own and events at the same time.
#define _GNU_SOURCE
#include "CGpiod.h"

#include <gpiod.h>

#ifdef GPIOD_LINE_BULK_MAX_LINES

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

// The kernel's fifo for one line (drivers/gpio/gpiolib-cdev.c, struct lineevent_state). The newest edge is dropped when
// it is full, and nothing tells.
enum { KERNEL_FIFO = 16 };

struct kiosk_gpio_chip {
  struct gpiod_chip *chip;
};

struct kiosk_gpio_inputs {
  size_t count;
  size_t next;  // where the next read begins, so that a chattering line cannot starve the others
  struct gpiod_line *lines[KIOSK_GPIO_MAX_LINES];
  int descriptors[KIOSK_GPIO_MAX_LINES];
};

struct kiosk_gpio_outputs {
  size_t count;
  struct gpiod_line *lines[KIOSK_GPIO_MAX_LINES];
};

static int failure(void) { return errno ? errno : EIO; }

const char *kiosk_gpio_library_version(void) { return gpiod_version_string(); }

int kiosk_gpio_chip_open(const char *path, struct kiosk_gpio_chip **chip) {
  struct kiosk_gpio_chip *opened = calloc(1, sizeof *opened);
  if (!opened) return ENOMEM;
  errno = 0;
  opened->chip = gpiod_chip_open(path);
  if (!opened->chip) {
    int error = failure();
    free(opened);
    return error;
  }
  *chip = opened;
  return 0;
}

void kiosk_gpio_chip_close(struct kiosk_gpio_chip *chip) {
  gpiod_chip_close(chip->chip);
  free(chip);
}

const char *kiosk_gpio_chip_name(const struct kiosk_gpio_chip *chip) { return gpiod_chip_name(chip->chip); }
const char *kiosk_gpio_chip_label(const struct kiosk_gpio_chip *chip) { return gpiod_chip_label(chip->chip); }
size_t kiosk_gpio_chip_line_count(const struct kiosk_gpio_chip *chip) { return gpiod_chip_num_lines(chip->chip); }

int kiosk_gpio_line_info(struct kiosk_gpio_chip *chip, unsigned int offset, struct kiosk_gpio_line_info *info) {
  errno = 0;
  struct gpiod_line *line = gpiod_chip_get_line(chip->chip, offset);
  // A line seen before is kept by the library as it was then.
  if (!line || gpiod_line_update(line) < 0) return failure();
  const char *name = gpiod_line_name(line), *consumer = gpiod_line_consumer(line);
  snprintf(info->name, sizeof info->name, "%s", name ? name : "");
  snprintf(info->consumer, sizeof info->consumer, "%s", consumer ? consumer : "");
  info->is_used = gpiod_line_is_used(line);
  return 0;
}

static int input_flags(const struct kiosk_gpio_input *line) {
  int flags = line->active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
  switch (line->bias) {
    case KIOSK_GPIO_BIAS_AS_IS: break;
    case KIOSK_GPIO_BIAS_DISABLED: flags |= GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE; break;
    case KIOSK_GPIO_BIAS_PULL_UP: flags |= GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP; break;
    case KIOSK_GPIO_BIAS_PULL_DOWN: flags |= GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN; break;
  }
  return flags;
}

int kiosk_gpio_inputs_request(struct kiosk_gpio_chip *chip, const struct kiosk_gpio_input *lines, size_t count,
                              const char *consumer, struct kiosk_gpio_inputs **inputs) {
  if (count < 1 || count > KIOSK_GPIO_MAX_LINES) return EINVAL;
  struct kiosk_gpio_inputs *requested = calloc(1, sizeof *requested);
  if (!requested) return ENOMEM;
  for (size_t i = 0; i < count; i++) {
    errno = 0;
    struct gpiod_line *line = gpiod_chip_get_line(chip->chip, lines[i].offset);
    if (!line || gpiod_line_request_both_edges_events_flags(line, consumer, input_flags(&lines[i])) < 0) {
      int error = failure();
      kiosk_gpio_inputs_release(requested);
      return error;
    }
    requested->lines[requested->count++] = line;
    int descriptor = gpiod_line_event_get_fd(line);
    int status = descriptor < 0 ? -1 : fcntl(descriptor, F_GETFL);
    if (status < 0 || fcntl(descriptor, F_SETFL, status | O_NONBLOCK) < 0) {
      int error = failure();
      kiosk_gpio_inputs_release(requested);
      return error;
    }
    requested->descriptors[i] = descriptor;
  }
  *inputs = requested;
  return 0;
}

void kiosk_gpio_inputs_release(struct kiosk_gpio_inputs *inputs) {
  for (size_t i = 0; i < inputs->count; i++) gpiod_line_release(inputs->lines[i]);
  free(inputs);
}

bool kiosk_gpio_inputs_are_debounced(const struct kiosk_gpio_inputs *inputs) {
  (void)inputs;
  return false;
}

size_t kiosk_gpio_inputs_descriptors(const struct kiosk_gpio_inputs *inputs, int *descriptors) {
  for (size_t i = 0; i < inputs->count; i++) descriptors[i] = inputs->descriptors[i];
  return inputs->count;
}

int kiosk_gpio_inputs_levels(struct kiosk_gpio_inputs *inputs, bool *levels) {
  for (size_t i = 0; i < inputs->count; i++) {
    errno = 0;
    int value = gpiod_line_get_value(inputs->lines[i]);
    if (value < 0) return failure();
    levels[i] = value != 0;
  }
  return 0;
}

int kiosk_gpio_inputs_read(struct kiosk_gpio_inputs *inputs, struct kiosk_gpio_edge *edges, size_t capacity,
                           size_t *count, uint8_t *flags) {
  struct gpiod_line_event events[KERNEL_FIFO];
  *count = 0;
  for (size_t visited = 0; visited < inputs->count; visited++) {
    if (capacity - *count < KERNEL_FIFO) break;
    size_t line = inputs->next;
    inputs->next = (line + 1) % inputs->count;
    errno = 0;
    int got = gpiod_line_event_read_fd_multiple(inputs->descriptors[line], events, KERNEL_FIFO);
    if (got < 0) {
      if (errno == EAGAIN || errno == EINTR) continue;
      return failure();
    }
    for (int i = 0; i < got; i++) {
      edges[(*count)++] = (struct kiosk_gpio_edge){
          .at_ns = (int64_t)events[i].ts.tv_sec * 1000000000 + events[i].ts.tv_nsec,
          .line = (uint32_t)line,
          .is_active = events[i].event_type == GPIOD_LINE_EVENT_RISING_EDGE,
      };
    }
    if (got > 0) flags[line] |= KIOSK_GPIO_CHECK;
    // It was full: whether one more came after that, nobody knows.
    if (got == KERNEL_FIFO) flags[line] |= KIOSK_GPIO_LOST;
  }
  return 0;
}

int kiosk_gpio_outputs_request(struct kiosk_gpio_chip *chip, const struct kiosk_gpio_output *lines, size_t count,
                               const char *consumer, struct kiosk_gpio_outputs **outputs) {
  if (count < 1 || count > KIOSK_GPIO_MAX_LINES) return EINVAL;
  struct kiosk_gpio_outputs *requested = calloc(1, sizeof *requested);
  if (!requested) return ENOMEM;
  for (size_t i = 0; i < count; i++) {
    errno = 0;
    struct gpiod_line *line = gpiod_chip_get_line(chip->chip, lines[i].offset);
    int flags = lines[i].active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
    if (!line || gpiod_line_request_output_flags(line, consumer, flags, 0) < 0) {
      int error = failure();
      kiosk_gpio_outputs_release(requested);
      return error;
    }
    requested->lines[requested->count++] = line;
  }
  *outputs = requested;
  return 0;
}

int kiosk_gpio_outputs_set(struct kiosk_gpio_outputs *outputs, size_t line, bool is_on) {
  if (line >= outputs->count) return EINVAL;
  errno = 0;
  return gpiod_line_set_value(outputs->lines[line], is_on) < 0 ? failure() : 0;
}

void kiosk_gpio_outputs_release(struct kiosk_gpio_outputs *outputs) {
  for (size_t i = 0; i < outputs->count; i++) gpiod_line_release(outputs->lines[i]);
  free(outputs);
}

#endif
