// SPDX-License-Identifier: Apache-2.0
// A CUDA driver without a device, for tests: memory is host memory at addresses that fault when followed, kernels do nothing,
// and every call is written to a log with its arguments as they arrived. Compiled by FakeDriverTest:
//   gcc -shared -fPIC -Wl,-soname,libcuda.so.1 -o libcuda.so.1 fake_cuda.c
// The environment says what machine it is: FAKE_CUDA_VERSION, FAKE_CUDA_DEVICES, FAKE_CUDA_CAPABILITY, FAKE_CUDA_INIT.
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Beyond what user space can map, so that following a device address on the host faults.
static const uint64_t BIAS = 1ull << 48;
static char calls[1 << 20];
static size_t used;
static char failing[64];
static int failure;
static int capturing;
static size_t captured;

static void record(const char *format, ...) {
  va_list values;
  va_start(values, format);
  used += vsnprintf(calls + used, sizeof calls - used, format, values);
  va_end(values);
}

// The calls so far, one a line; forgets them.
void fake_take(char *to, uint64_t size) {
  snprintf(to, size, "%s", calls);
  used = 0;
  calls[0] = 0;
}

// From now on the named function returns the code and does nothing; no name: none.
void fake_fail(const char *name, int code) {
  snprintf(failing, sizeof failing, "%s", name);
  failure = code;
}

// Records a call and leaves the function if it is to fail.
#define CALL(...)                                        \
  do {                                                   \
    record("%s", __func__);                              \
    record(__VA_ARGS__);                                 \
    record("\n");                                        \
    if (strcmp(failing, __func__) == 0) return failure;  \
  } while (0)

static int environment(const char *name, int otherwise) {
  const char *value = getenv(name);
  return value ? atoi(value) : otherwise;
}

static uint64_t next_handle(uint64_t kind) {
  static uint64_t count;
  return kind << 32 | ++count;
}

static void *host(uint64_t device) { return (void *)(uintptr_t)(device - BIAS); }
static const char *where(uint64_t device) { return device >= BIAS ? "device" : "NOT A DEVICE ADDRESS"; }

// For fake_cublas.c: its calls stand in the same log, fail on the same demand and reach the same memory.
void fake_note(const char *line) { record("%s\n", line); }
int fake_status(const char *function) { return strcmp(failing, function) == 0 ? failure : 0; }
void *fake_host(uint64_t device) { return host(device); }
const char *fake_where(uint64_t device) { return where(device); }

int cuInit(unsigned flags) {
  CALL(" %u", flags);
  return environment("FAKE_CUDA_INIT", 0);
}
int cuDriverGetVersion(int *version) {
  CALL("");
  *version = environment("FAKE_CUDA_VERSION", 12080);
  return 0;
}
int cuDeviceGetCount(int *count) {
  CALL("");
  *count = environment("FAKE_CUDA_DEVICES", 1);
  return 0;
}
int cuDeviceGet(int *device, int ordinal) {
  CALL(" %d", ordinal);
  *device = 7;
  return 0;
}
int cuDeviceGetName(char *name, int length, int device) {
  CALL(" %d of %d", length, device);
  snprintf(name, length, "Fake GPU");
  return 0;
}
// Every attribute differs from every other.
int cuDeviceGetAttribute(int *value, int attribute, int device) {
  CALL(" %d of %d", attribute, device);
  int capability = environment("FAKE_CUDA_CAPABILITY", 90);
  *value = attribute == 75 ? capability / 10 : attribute == 76 ? capability % 10 : 1000 + attribute;
  return 0;
}
int cuDevicePrimaryCtxRetain(void **context, int device) {
  CALL(" %d", device);
  *context = (void *)0xc0117;
  return 0;
}
int cuDevicePrimaryCtxRelease_v2(int device) {
  CALL(" %d", device);
  return 0;
}
int cuCtxSetCurrent(void *context) {
  CALL(" %p", context);
  return 0;
}
int cuCtxSynchronize(void) {
  CALL("");
  return 0;
}

int cuMemGetInfo_v2(size_t *available, size_t *total) {
  CALL("");
  *available = 5ull << 30;
  *total = 80ull << 30;
  return 0;
}
int cuMemAlloc_v2(uint64_t *device, size_t bytes) {
  CALL(" %zu", bytes);
  if (bytes > 1ull << 40) return 2;
  *device = (uint64_t)(uintptr_t)calloc(1, bytes) + BIAS;
  return 0;
}
int cuMemFree_v2(uint64_t device) {
  CALL(" %s", where(device));
  free(host(device));
  return 0;
}
int cuMemHostAlloc(void **memory, size_t bytes, unsigned flags) {
  CALL(" %zu %u", bytes, flags);
  *memory = calloc(1, bytes);
  return 0;
}
int cuMemFreeHost(void *memory) {
  CALL("");
  free(memory);
  return 0;
}

int cuMemcpyHtoD_v2(uint64_t to, const void *from, size_t bytes) {
  CALL(" %s %zu", where(to), bytes);
  memcpy(host(to), from, bytes);
  return 0;
}
int cuMemcpyDtoH_v2(void *to, uint64_t from, size_t bytes) {
  CALL(" %s %zu", where(from), bytes);
  memcpy(to, host(from), bytes);
  return 0;
}
int cuMemcpyDtoD_v2(uint64_t to, uint64_t from, size_t bytes) {
  CALL(" %s %s %zu", where(to), where(from), bytes);
  memcpy(host(to), host(from), bytes);
  return 0;
}
int cuMemsetD8_v2(uint64_t to, unsigned char value, size_t bytes) {
  CALL(" %s %d %zu", where(to), value, bytes);
  memset(host(to), value, bytes);
  return 0;
}
int cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t bytes, void *stream) {
  CALL(" %s %zu stream %p", where(to), bytes, stream);
  captured += capturing;
  memcpy(host(to), from, bytes);
  return 0;
}
int cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t bytes, void *stream) {
  CALL(" %s %zu stream %p", where(from), bytes, stream);
  captured += capturing;
  memcpy(to, host(from), bytes);
  return 0;
}
int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, void *stream) {
  CALL(" %s %s %zu stream %p", where(to), where(from), bytes, stream);
  captured += capturing;
  memcpy(host(to), host(from), bytes);
  return 0;
}
int cuMemsetD8Async(uint64_t to, unsigned char value, size_t bytes, void *stream) {
  CALL(" %s %d %zu stream %p", where(to), value, bytes, stream);
  captured += capturing;
  memset(host(to), value, bytes);
  return 0;
}

// Options: 5 = error log, 6 = its size, a number in the bits of a pointer.
int cuModuleLoadDataEx(void **module, const void *image, unsigned count, int *options, void **values) {
  CALL(" %zu bytes, %u options", strlen(image), count);
  char *log = 0;
  size_t size = 0;
  for (unsigned i = 0; i < count; i++) {
    if (options[i] == 5) log = values[i];
    if (options[i] == 6) size = (size_t)values[i];
  }
  if (strstr(image, "frobnicate")) {
    snprintf(log, size, "ptxas application ptx input, line 9; fatal   : no opcode frobnicate, room for %zu\n", size);
    return 218;
  }
  if (strstr(image, ".version 9.9")) return 222;
  *module = (void *)next_handle(1);
  return 0;
}
int cuModuleUnload(void *module) {
  CALL(" %p", module);
  return 0;
}
int cuModuleGetFunction(void **function, void *module, const char *name) {
  CALL(" %p %s", module, name);
  if (strcmp(name, "absent") == 0) return 500;
  *function = (void *)next_handle(2);
  return 0;
}
int cuFuncGetAttribute(int *value, int attribute, void *function) {
  CALL(" %d of %p", attribute, function);
  *value = 100 + attribute;
  return 0;
}
int cuFuncSetAttribute(void *function, int attribute, int value) {
  CALL(" %d of %p to %d", attribute, function, value);
  return 0;
}
int cuLaunchKernel(void *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared,
                   void *stream, void **parameters, void **extra) {
  CALL(" %p (%u %u %u) (%u %u %u) %u stream %p parameters %s", function, gx, gy, gz, bx, by, bz, shared, stream,
       parameters ? "given" : "none");
  captured += capturing;
  if (!extra) return 0;
  unsigned char *bytes = 0;
  size_t size = 0;
  int i = 0;
  for (; extra[i]; i += 2) {
    if (extra[i] == (void *)1) bytes = extra[i + 1];
    if (extra[i] == (void *)2) size = *(size_t *)extra[i + 1];
  }
  record("  %d words, %zu bytes:", i, size);
  for (size_t b = 0; b < size; b++) record(" %02x", bytes[b]);
  record("\n");
  return 0;
}

int cuStreamCreate(void **stream, unsigned flags) {
  *stream = (void *)next_handle(3);
  CALL(" %u", flags);
  return 0;
}
int cuStreamDestroy_v2(void *stream) {
  CALL(" %p", stream);
  return 0;
}
int cuStreamSynchronize(void *stream) {
  CALL(" %p", stream);
  return 0;
}
int cuStreamWaitEvent(void *stream, void *event, unsigned flags) {
  CALL(" %p %p %u", stream, event, flags);
  return 0;
}
int cuStreamBeginCapture_v2(void *stream, int mode) {
  CALL(" %p %d", stream, mode);
  if (!stream) return 900;
  capturing = 1;
  captured = 0;
  return 0;
}
int cuStreamEndCapture(void *stream, void **graph) {
  CALL(" %p", stream);
  capturing = 0;
  *graph = (void *)next_handle(4);
  return 0;
}
int cuEventCreate(void **event, unsigned flags) {
  *event = (void *)next_handle(5);
  CALL(" %u", flags);
  return 0;
}
int cuEventDestroy_v2(void *event) {
  CALL(" %p", event);
  return 0;
}
int cuEventRecord(void *event, void *stream) {
  CALL(" %p %p", event, stream);
  return 0;
}
int cuEventSynchronize(void *event) {
  CALL(" %p", event);
  return 0;
}
int cuEventElapsedTime(float *milliseconds, void *start, void *end) {
  CALL(" %p %p", start, end);
  *milliseconds = start < end ? 1.5f : -1.5f;
  return 0;
}
int cuGraphGetNodes(void *graph, void **nodes, size_t *count) {
  CALL(" %p", graph);
  if (nodes) return 1;
  *count = captured;
  return 0;
}
int cuGraphInstantiateWithFlags(void **executable, void *graph, unsigned long long flags) {
  CALL(" %p %llu", graph, flags);
  *executable = (void *)next_handle(6);
  return 0;
}
int cuGraphDestroy(void *graph) {
  CALL(" %p", graph);
  return 0;
}
int cuGraphExecDestroy(void *executable) {
  CALL(" %p", executable);
  return 0;
}
int cuGraphLaunch(void *executable, void *stream) {
  CALL(" %p stream %p", executable, stream);
  return 0;
}
