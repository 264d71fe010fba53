// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a profiler would count, for one launch. */
public final class Counters {
  /** Size of a sector of the memory system in bytes. */
  public static final int SECTOR_BYTES = 32;

  private final Image image;
  private final long[] issued;
  private final long[] lanes;
  private final long[] requestedBytes;
  private final long[] sectors;
  private final long[] idealSectors;
  private final long[] bankPhases;
  private final long[] bankConflicts;

  Counters(Image image) {
    this.image = image;
    int count = image.ops().size();
    issued = new long[count];
    lanes = new long[count];
    requestedBytes = new long[count];
    sectors = new long[count];
    idealSectors = new long[count];
    bankPhases = new long[count];
    bankConflicts = new long[count];
  }

  /**
   * Counts of one instruction of the text.
   *
   * @param line of the PTX text
   * @param text as written
   * @param kind its class
   * @param issued warp instructions: issue slots, also when every lane is predicated off
   * @param lanes lane instructions: active lanes summed over the warp instructions
   * @param bytes requested by all lanes
   * @param sectors 32-byte pieces of global memory touched, counted per warp instruction
   * @param idealSectors sectors if the distinct bytes of each warp instruction lay side by side
   * @param bankPhases passes through shared memory without conflicts
   * @param bankConflicts further passes because of conflicts
   */
  public record Line(
      int line,
      String text,
      InstructionClass kind,
      long issued,
      long lanes,
      long bytes,
      long sectors,
      long idealSectors,
      long bankPhases,
      long bankConflicts) {}

  void count(int index, int mask) {
    issued[index]++;
    lanes[index] += Integer.bitCount(mask);
  }

  void bytes(int index, long bytes) {
    requestedBytes[index] += bytes;
  }

  void sectors(int index, int touched, int ideal) {
    sectors[index] += touched;
    idealSectors[index] += ideal;
  }

  void banks(int index, int phases, int conflicts) {
    bankPhases[index] += phases;
    bankConflicts[index] += conflicts;
  }

  void add(Counters other) {
    add(issued, other.issued);
    add(lanes, other.lanes);
    add(requestedBytes, other.requestedBytes);
    add(sectors, other.sectors);
    add(idealSectors, other.idealSectors);
    add(bankPhases, other.bankPhases);
    add(bankConflicts, other.bankConflicts);
  }

  private static void add(long[] to, long[] from) {
    for (int i = 0; i < to.length; i++) {
      to[i] += from[i];
    }
  }

  /** The instructions of the text that were issued, in its order. */
  public List<Line> lines() {
    List<Line> result = new ArrayList<>();
    for (int i = 0; i < issued.length; i++) {
      if (issued[i] > 0) {
        result.add(line(i));
      }
    }
    return result;
  }

  private Line line(int i) {
    Op op = image.ops().get(i);
    return new Line(
        op.statement.line(),
        op.statement.text(),
        op.category,
        issued[i],
        lanes[i],
        requestedBytes[i],
        sectors[i],
        idealSectors[i],
        bankPhases[i],
        bankConflicts[i]);
  }

  /** Warp instructions of each class that occurred. */
  public Map<InstructionClass, Long> warpInstructionsByClass() {
    Map<InstructionClass, Long> sums = new EnumMap<>(InstructionClass.class);
    lines().forEach(line -> sums.merge(line.kind(), line.issued(), Long::sum));
    return sums;
  }

  /** Warp instructions of a class. */
  public long warpInstructions(InstructionClass kind) {
    return warpInstructionsByClass().getOrDefault(kind, 0L);
  }

  /** All warp instructions. */
  public long warpInstructions() {
    return lines().stream().mapToLong(Line::issued).sum();
  }

  /** All lane instructions. */
  public long laneInstructions() {
    return lines().stream().mapToLong(Line::lanes).sum();
  }

  /** Bytes requested by the lanes in a class, such as {@code GLOBAL_LOAD} or {@code ASYNC_COPY}. */
  public long bytes(InstructionClass kind) {
    return lines().stream().filter(l -> l.kind() == kind).mapToLong(Line::bytes).sum();
  }

  /** Sectors touched in a class. */
  public long sectors(InstructionClass kind) {
    return lines().stream().filter(l -> l.kind() == kind).mapToLong(Line::sectors).sum();
  }

  /** Sectors that a class would touch if each warp instruction's bytes lay side by side. */
  public long idealSectors(InstructionClass kind) {
    return lines().stream().filter(l -> l.kind() == kind).mapToLong(Line::idealSectors).sum();
  }

  /** Passes through shared memory that conflicts added. */
  public long bankConflicts() {
    return lines().stream().mapToLong(Line::bankConflicts).sum();
  }

  /** Matrix instructions issued. */
  public long matrixInstructions() {
    return warpInstructions(InstructionClass.MATRIX);
  }

  /** Barriers issued. */
  public long barriers() {
    return warpInstructions(InstructionClass.BARRIER);
  }
}
