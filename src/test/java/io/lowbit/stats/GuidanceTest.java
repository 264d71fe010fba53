// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import static io.lowbit.testing.SmallStudies.QUIZ;
import static io.lowbit.testing.SmallStudies.answers;
import static io.lowbit.testing.SmallStudies.eightConfigurations;
import static io.lowbit.testing.SmallStudies.run;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import io.lowbit.results.ItemRecord;
import io.lowbit.testing.StudyRecords;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.testng.annotations.Test;

/** What the figures draw. The numbers are those of a Python script that follows the formulas. */
public class GuidanceTest {
  private static final double T_1 = 12.706204736432095;
  private static final double T_5 = 2.5705818366147395;

  private static Guidance guidance(List<ItemRecord> records) {
    return Guidance.of(records, Comparison.of(records, Comparison.Settings.DEFAULT), List.of());
  }

  /** Least squares; CR1 over the two models with t(1), then centered per model with t(5). */
  @Test
  public void fitsLinesOverAndWithinModels() {
    List<ProxyFit> fits = guidance(eightConfigurations().records()).fits();
    assertEquals(fits.size(), 3);
    ProxyFit pooled = fits.getFirst();
    assertTrue(pooled.isPooled());
    assertEquals(pooled.slope(), -0.5701993273077144, 1e-12);
    assertEquals(width(pooled.slopeInterval()), T_1 * 0.018823271635117662, 1e-9);
    ProxyFit little =
        fits.stream().filter(fit -> fit.group().equals("little")).findFirst().orElseThrow();
    assertEquals(little.slope(), -0.6262870324629217, 1e-12);
    assertEquals(width(little.slopeInterval()), T_5 * 0.04288739958815396, 1e-9);
    ProxyFit.Place first = little.line().getFirst();
    assertEquals(first.lnPerplexity(), Math.log(10), 1e-12);
    assertEquals(first.fitted().value(), 0.5057054642342783, 1e-12);
    assertEquals(width(first.fitted().ofLine()), T_5 * 0.008646431287631191, 1e-9);
  }

  private static double width(Interval interval) {
    return (interval.high() - interval.low()) / 2;
  }

  /** Six points over two models leave too little for a line within: three are drawn nowhere. */
  @Test
  public void drawsNoLineThroughTooFewPoints() {
    List<ProxyCorrelation.Point> three =
        List.of(
            new ProxyCorrelation.Point("a", "fp32", 1, 0.5),
            new ProxyCorrelation.Point("a", "w8", 1.1, 0.4),
            new ProxyCorrelation.Point("a", "w4", 1.3, 0.3));
    assertEquals(ProxyFit.of(three, 0.95), List.of());
  }

  /** w3 of the little model: 31 of 100 right instead of 50. */
  @Test
  public void tellsWhatSchemesCostEachSize() {
    SizeTrend trend =
        guidance(eightConfigurations().records()).trends().stream()
            .filter(one -> one.configuration().model().equals("little"))
            .filter(one -> one.configuration().scheme().equals("w3"))
            .findFirst()
            .orElseThrow();
    assertEquals(trend.gain().value(), -0.19, 1e-15);
  }

  private static ItemRecord at(ItemRecord one, double lines, double depth) {
    Map<String, Double> values = new HashMap<>(one.values());
    values.put("lines", lines);
    values.put("depth", depth);
    return StudyRecords.withValues(one, values);
  }

  /**
   * Of a hundred items the first 60 are right; lengths alternate, the depth is the item's place.
   */
  @Test
  public void cutsScoresByTraits() {
    List<ItemRecord> records =
        new StudyRecords()
            .scores(run("a", "fp32"), QUIZ, answers(60, 100)).records().stream()
                .map(one -> {
                  int item = Integer.parseInt(one.item());
                  return at(one, item % 2 == 0 ? 10 : 20, item / 99.0);
                })
                .toList();
    List<TraitCurve> curves = guidance(records).curves();
    TraitCurve depth = curve(curves, "depth");
    // Quarters of 0 to 1 hold items 0-24, 25-49, 50-74 and 75-99.
    assertEquals(
        depth.points().stream().map(TraitCurve.Point::items).toList(), List.of(25, 25, 25, 25));
    assertEquals(
        depth.points().stream().map(TraitCurve.Point::score).toList(), List.of(1.0, 1.0, 0.4, 0.0));
    TraitCurve lines = curve(curves, "lines");
    assertEquals(lines.points().stream().map(TraitCurve.Point::low).toList(), List.of(10.0, 20.0));
    assertEquals(lines.points().getFirst().score(), 0.6, 1e-15);
    List<ItemRecord> few = records.stream().filter(one -> one.item().length() < 2).toList();
    assertEquals(guidance(few).curves(), List.of());
  }

  private static TraitCurve curve(List<TraitCurve> curves, String trait) {
    return curves.stream().filter(one -> one.trait().equals(trait)).findFirst().orElseThrow();
  }
}
