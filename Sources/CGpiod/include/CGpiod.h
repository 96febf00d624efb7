// One small API over the two libgpiods in the field, 1.6 (Debian 12) and 2.x (Debian 13, Raspberry Pi OS): chips, inputs
// with edges, outputs. Which one is compiled in is seen from its header (gpiod1.c, gpiod2.c); callers cannot tell.
//
// What does not live here: finding a chip, resolving a name, the reading thread, what to do about a lost edge (GPIO).
//
// Functions returning int return 0 or an errno value, unless said otherwise. Nothing here blocks. A chip must outlive
// what was requested from it. One chip must not be used by two threads at a time; reading edges, reading levels and
// setting outputs may go on beside it.
#ifndef CGPIOD_H
#define CGPIOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kiosk_gpio_chip;
struct kiosk_gpio_inputs;
struct kiosk_gpio_outputs;

/// Lines one request may hold: the kernel's own limit (GPIO_V2_LINES_MAX).
#define KIOSK_GPIO_MAX_LINES 64
/// Size of a line's or consumer's name with its final zero: the kernel's own limit (GPIO_MAX_NAME_SIZE).
#define KIOSK_GPIO_NAME_SIZE 32

/// Version of the libgpiod compiled in, such as "1.6.3" or "2.2.1".
const char *kiosk_gpio_library_version(void);

/// Opens the chip behind a device node. ENODEV, EINVAL or ENOTTY where the node is no GPIO chip.
int kiosk_gpio_chip_open(const char *path, struct kiosk_gpio_chip **chip);
void kiosk_gpio_chip_close(struct kiosk_gpio_chip *chip);
/// The kernel's name (`gpiochip0`), the driver's label, the number of lines. The strings live as long as the chip.
const char *kiosk_gpio_chip_name(const struct kiosk_gpio_chip *chip);
const char *kiosk_gpio_chip_label(const struct kiosk_gpio_chip *chip);
size_t kiosk_gpio_chip_line_count(const struct kiosk_gpio_chip *chip);

/// What the kernel knows of a line at this moment. Names are empty where there is none.
struct kiosk_gpio_line_info {
  char name[KIOSK_GPIO_NAME_SIZE];
  char consumer[KIOSK_GPIO_NAME_SIZE];
  bool is_used;
};
int kiosk_gpio_line_info(struct kiosk_gpio_chip *chip, unsigned int offset, struct kiosk_gpio_line_info *info);

enum kiosk_gpio_bias {
  KIOSK_GPIO_BIAS_AS_IS,
  KIOSK_GPIO_BIAS_DISABLED,
  KIOSK_GPIO_BIAS_PULL_UP,
  KIOSK_GPIO_BIAS_PULL_DOWN,
};

/// An input to request. `debounce_us` 0 asks for every edge; 1.6 knows no debounce and always delivers every edge.
struct kiosk_gpio_input {
  unsigned int offset;
  enum kiosk_gpio_bias bias;
  bool active_low;
  uint32_t debounce_us;
};

/// Requests inputs with both edges, all or none. 1 to KIOSK_GPIO_MAX_LINES of them.
int kiosk_gpio_inputs_request(struct kiosk_gpio_chip *chip, const struct kiosk_gpio_input *lines, size_t count,
                              const char *consumer, struct kiosk_gpio_inputs **inputs);
void kiosk_gpio_inputs_release(struct kiosk_gpio_inputs *inputs);
/// Whether the kernel says that it debounces every one of these lines.
bool kiosk_gpio_inputs_are_debounced(const struct kiosk_gpio_inputs *inputs);
/// Writes the descriptors that become readable with an edge (room for KIOSK_GPIO_MAX_LINES) and returns their number.
size_t kiosk_gpio_inputs_descriptors(const struct kiosk_gpio_inputs *inputs, int *descriptors);
/// Writes the logical level of every line in the order of the request.
int kiosk_gpio_inputs_levels(struct kiosk_gpio_inputs *inputs, bool *levels);

/// An edge as the kernel gave it.
struct kiosk_gpio_edge {
  /// CLOCK_MONOTONIC in nanoseconds.
  int64_t at_ns;
  /// The line's place in the request.
  uint32_t line;
  /// The logical level after it. The kernel reads it a little after the stamp, so two edges in a row may show the same.
  bool is_active;
};

/// What reading found out about a line beside its edges.
enum {
  /// Edges of this line were dropped by the kernel, or must be assumed to have been.
  KIOSK_GPIO_LOST = 1,
  /// The last edge read may not be the last that happened: compare it with the level.
  KIOSK_GPIO_CHECK = 2,
};

/// Reads edges that wait, at most `capacity`, without blocking; `*count` is how many, 0 when none is left.
/// `flags` has a byte for each line of the request; bits are set in it, never cleared.
int kiosk_gpio_inputs_read(struct kiosk_gpio_inputs *inputs, struct kiosk_gpio_edge *edges, size_t capacity,
                           size_t *count, uint8_t *flags);

/// An output to request.
struct kiosk_gpio_output {
  unsigned int offset;
  bool active_low;
};

/// Requests outputs, all off, all or none. 1 to KIOSK_GPIO_MAX_LINES of them.
int kiosk_gpio_outputs_request(struct kiosk_gpio_chip *chip, const struct kiosk_gpio_output *lines, size_t count,
                               const char *consumer, struct kiosk_gpio_outputs **outputs);
/// Sets the logical value of one line (its place in the request).
int kiosk_gpio_outputs_set(struct kiosk_gpio_outputs *outputs, size_t line, bool is_on);
/// Releases the lines as they are.
void kiosk_gpio_outputs_release(struct kiosk_gpio_outputs *outputs);

#endif
