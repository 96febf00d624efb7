// The API over libgpiod 2.x: one request for all lines, so that one buffer keeps their order and sequence numbers show
// what was dropped.
#define _GNU_SOURCE
#include "CGpiod.h"

#include <gpiod.h>

#ifndef GPIOD_LINE_BULK_MAX_LINES

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

enum {
  // Edges the kernel keeps for a reader that is late, for each line. Its default is 16; it grants 1,024 in all at most.
  KERNEL_BUFFER_PER_LINE = 64,
  // Edges fetched with one read.
  READ_AT_ONCE = 64,
};

struct kiosk_gpio_chip {
  struct gpiod_chip *chip;
  struct gpiod_chip_info *info;
};

struct kiosk_gpio_inputs {
  struct gpiod_line_request *request;
  struct gpiod_edge_event_buffer *buffer;
  size_t count;
  bool are_debounced;
  unsigned int offsets[KIOSK_GPIO_MAX_LINES];
  // The kernel counts from 1, for all lines and for each.
  uint32_t last_of_all;
  uint32_t last[KIOSK_GPIO_MAX_LINES];
};

struct kiosk_gpio_outputs {
  struct gpiod_line_request *request;
  size_t count;
  unsigned int offsets[KIOSK_GPIO_MAX_LINES];
};

static int failure(void) { return errno ? errno : EIO; }

const char *kiosk_gpio_library_version(void) { return gpiod_api_version(); }

int kiosk_gpio_chip_open(const char *path, struct kiosk_gpio_chip **chip) {
  struct kiosk_gpio_chip *opened = calloc(1, sizeof *opened);
  if (!opened) return ENOMEM;
  errno = 0;
  opened->chip = gpiod_chip_open(path);
  if (opened->chip) opened->info = gpiod_chip_get_info(opened->chip);
  if (!opened->info) {
    int error = failure();
    if (opened->chip) gpiod_chip_close(opened->chip);
    free(opened);
    return error;
  }
  *chip = opened;
  return 0;
}

void kiosk_gpio_chip_close(struct kiosk_gpio_chip *chip) {
  gpiod_chip_info_free(chip->info);
  gpiod_chip_close(chip->chip);
  free(chip);
}

const char *kiosk_gpio_chip_name(const struct kiosk_gpio_chip *chip) { return gpiod_chip_info_get_name(chip->info); }
const char *kiosk_gpio_chip_label(const struct kiosk_gpio_chip *chip) { return gpiod_chip_info_get_label(chip->info); }
size_t kiosk_gpio_chip_line_count(const struct kiosk_gpio_chip *chip) {
  return gpiod_chip_info_get_num_lines(chip->info);
}

int kiosk_gpio_line_info(struct kiosk_gpio_chip *chip, unsigned int offset, struct kiosk_gpio_line_info *info) {
  errno = 0;
  struct gpiod_line_info *line = gpiod_chip_get_line_info(chip->chip, offset);
  if (!line) return failure();
  const char *name = gpiod_line_info_get_name(line), *consumer = gpiod_line_info_get_consumer(line);
  snprintf(info->name, sizeof info->name, "%s", name ? name : "");
  snprintf(info->consumer, sizeof info->consumer, "%s", consumer ? consumer : "");
  info->is_used = gpiod_line_info_is_used(line);
  gpiod_line_info_free(line);
  return 0;
}

static enum gpiod_line_bias bias_setting(enum kiosk_gpio_bias bias) {
  switch (bias) {
    case KIOSK_GPIO_BIAS_AS_IS: break;
    case KIOSK_GPIO_BIAS_DISABLED: return GPIOD_LINE_BIAS_DISABLED;
    case KIOSK_GPIO_BIAS_PULL_UP: return GPIOD_LINE_BIAS_PULL_UP;
    case KIOSK_GPIO_BIAS_PULL_DOWN: return GPIOD_LINE_BIAS_PULL_DOWN;
  }
  return GPIOD_LINE_BIAS_AS_IS;
}

// Requests what `config` holds; a buffer of 0 events leaves the kernel's default. Returns null and errno on failure.
static struct gpiod_line_request *request_lines(struct kiosk_gpio_chip *chip, struct gpiod_line_config *config,
                                                const char *consumer, size_t event_buffer) {
  struct gpiod_request_config *request_config = gpiod_request_config_new();
  if (!request_config) return NULL;
  gpiod_request_config_set_consumer(request_config, consumer);
  gpiod_request_config_set_event_buffer_size(request_config, event_buffer);
  errno = 0;
  struct gpiod_line_request *request = gpiod_chip_request_lines(chip->chip, request_config, config);
  int error = errno;
  gpiod_request_config_free(request_config);
  errno = error;
  return request;
}

static bool all_debounced(struct kiosk_gpio_chip *chip, const unsigned int *offsets, size_t count) {
  for (size_t i = 0; i < count; i++) {
    struct gpiod_line_info *line = gpiod_chip_get_line_info(chip->chip, offsets[i]);
    bool is_debounced = line && gpiod_line_info_is_debounced(line);
    if (line) gpiod_line_info_free(line);
    if (!is_debounced) return false;
  }
  return true;
}

int kiosk_gpio_inputs_request(struct kiosk_gpio_chip *chip, const struct kiosk_gpio_input *lines, size_t count,
                              const char *consumer, struct kiosk_gpio_inputs **inputs) {
  if (count < 1 || count > KIOSK_GPIO_MAX_LINES) return EINVAL;
  struct kiosk_gpio_inputs *requested = calloc(1, sizeof *requested);
  struct gpiod_line_config *config = gpiod_line_config_new();
  struct gpiod_line_settings *settings = gpiod_line_settings_new();
  int error = requested && config && settings ? 0 : ENOMEM;
  for (size_t i = 0; !error && i < count; i++) {
    errno = 0;
    requested->offsets[i] = lines[i].offset;
    gpiod_line_settings_reset(settings);
    gpiod_line_settings_set_active_low(settings, lines[i].active_low);
    gpiod_line_settings_set_debounce_period_us(settings, lines[i].debounce_us);
    if (gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT) < 0 ||
        gpiod_line_settings_set_edge_detection(settings, GPIOD_LINE_EDGE_BOTH) < 0 ||
        gpiod_line_settings_set_bias(settings, bias_setting(lines[i].bias)) < 0 ||
        gpiod_line_settings_set_event_clock(settings, GPIOD_LINE_CLOCK_MONOTONIC) < 0 ||
        gpiod_line_config_add_line_settings(config, &lines[i].offset, 1, settings) < 0)
      error = failure();
  }
  if (!error) {
    requested->count = count;
    requested->buffer = gpiod_edge_event_buffer_new(READ_AT_ONCE);
    if (requested->buffer) requested->request = request_lines(chip, config, consumer, KERNEL_BUFFER_PER_LINE * count);
    if (!requested->request) error = failure();
  }
  if (!error) {
    int descriptor = gpiod_line_request_get_fd(requested->request);
    int status = fcntl(descriptor, F_GETFL);
    if (status < 0 || fcntl(descriptor, F_SETFL, status | O_NONBLOCK) < 0) error = failure();
  }
  if (settings) gpiod_line_settings_free(settings);
  if (config) gpiod_line_config_free(config);
  if (error) {
    if (requested) kiosk_gpio_inputs_release(requested);
    return error;
  }
  requested->are_debounced = all_debounced(chip, requested->offsets, count);
  *inputs = requested;
  return 0;
}

void kiosk_gpio_inputs_release(struct kiosk_gpio_inputs *inputs) {
  if (inputs->request) gpiod_line_request_release(inputs->request);
  if (inputs->buffer) gpiod_edge_event_buffer_free(inputs->buffer);
  free(inputs);
}

bool kiosk_gpio_inputs_are_debounced(const struct kiosk_gpio_inputs *inputs) { return inputs->are_debounced; }

size_t kiosk_gpio_inputs_descriptors(const struct kiosk_gpio_inputs *inputs, int *descriptors) {
  descriptors[0] = gpiod_line_request_get_fd(inputs->request);
  return 1;
}

int kiosk_gpio_inputs_levels(struct kiosk_gpio_inputs *inputs, bool *levels) {
  enum gpiod_line_value values[KIOSK_GPIO_MAX_LINES];
  errno = 0;
  if (gpiod_line_request_get_values_subset(inputs->request, inputs->count, inputs->offsets, values) < 0)
    return failure();
  for (size_t i = 0; i < inputs->count; i++) levels[i] = values[i] == GPIOD_LINE_VALUE_ACTIVE;
  return 0;
}

static size_t place_of(const struct kiosk_gpio_inputs *inputs, unsigned int offset) {
  size_t place = 0;
  while (place < inputs->count && inputs->offsets[place] != offset) place++;
  return place;
}

int kiosk_gpio_inputs_read(struct kiosk_gpio_inputs *inputs, struct kiosk_gpio_edge *edges, size_t capacity,
                           size_t *count, uint8_t *flags) {
  *count = 0;
  uint32_t newest = inputs->last_of_all;
  uint32_t seen = 0;
  errno = 0;
  int got = gpiod_line_request_read_edge_events(inputs->request, inputs->buffer, capacity);
  if (got < 0) return errno == EAGAIN || errno == EINTR ? 0 : failure();
  for (int i = 0; i < got; i++) {
    struct gpiod_edge_event *event = gpiod_edge_event_buffer_get_event(inputs->buffer, (unsigned long)i);
    size_t line = place_of(inputs, gpiod_edge_event_get_line_offset(event));
    if (line == inputs->count) continue;
    edges[(*count)++] = (struct kiosk_gpio_edge){
        .at_ns = (int64_t)gpiod_edge_event_get_timestamp_ns(event),
        .line = (uint32_t)line,
        .is_active = gpiod_edge_event_get_event_type(event) == GPIOD_EDGE_EVENT_RISING_EDGE,
    };
    uint32_t number = (uint32_t)gpiod_edge_event_get_line_seqno(event);
    if (number != inputs->last[line] + 1) flags[line] |= KIOSK_GPIO_LOST | KIOSK_GPIO_CHECK;
    inputs->last[line] = number;
    // Lines interrupt in threads of their own, so two may swap places in the buffer: it is the sum that counts.
    uint32_t of_all = (uint32_t)gpiod_edge_event_get_global_seqno(event);
    if ((int32_t)(of_all - newest) > 0) newest = of_all;
    seen++;
  }
  if (newest - inputs->last_of_all != seen) {
    // Some line lost an edge, and it may be one that has had no other since.
    for (size_t i = 0; i < inputs->count; i++) flags[i] |= KIOSK_GPIO_CHECK;
  }
  inputs->last_of_all = newest;
  return 0;
}

int kiosk_gpio_outputs_request(struct kiosk_gpio_chip *chip, const struct kiosk_gpio_output *lines, size_t count,
                               const char *consumer, struct kiosk_gpio_outputs **outputs) {
  if (count < 1 || count > KIOSK_GPIO_MAX_LINES) return EINVAL;
  struct kiosk_gpio_outputs *requested = calloc(1, sizeof *requested);
  struct gpiod_line_config *config = gpiod_line_config_new();
  struct gpiod_line_settings *settings = gpiod_line_settings_new();
  int error = requested && config && settings ? 0 : ENOMEM;
  for (size_t i = 0; !error && i < count; i++) {
    errno = 0;
    requested->offsets[i] = lines[i].offset;
    gpiod_line_settings_set_active_low(settings, lines[i].active_low);
    if (gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT) < 0 ||
        gpiod_line_settings_set_output_value(settings, GPIOD_LINE_VALUE_INACTIVE) < 0 ||
        gpiod_line_config_add_line_settings(config, &lines[i].offset, 1, settings) < 0)
      error = failure();
  }
  if (!error) {
    requested->count = count;
    requested->request = request_lines(chip, config, consumer, 0);
    if (!requested->request) error = failure();
  }
  if (settings) gpiod_line_settings_free(settings);
  if (config) gpiod_line_config_free(config);
  if (error) {
    free(requested);
    return error;
  }
  *outputs = requested;
  return 0;
}

int kiosk_gpio_outputs_set(struct kiosk_gpio_outputs *outputs, size_t line, bool is_on) {
  if (line >= outputs->count) return EINVAL;
  errno = 0;
  enum gpiod_line_value value = is_on ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
  return gpiod_line_request_set_value(outputs->request, outputs->offsets[line], value) < 0 ? failure() : 0;
}

void kiosk_gpio_outputs_release(struct kiosk_gpio_outputs *outputs) {
  gpiod_line_request_release(outputs->request);
  free(outputs);
}

#endif
