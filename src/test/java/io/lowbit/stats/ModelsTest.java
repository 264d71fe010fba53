// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.testng.annotations.Test;

/** Fits and tests against formulas and published examples, and where they are undefined. */
public class ModelsTest {
  private static final double[][] ANSCOMBE_X = {
    {10}, {8}, {13}, {9}, {11}, {14}, {6}, {4}, {12}, {7}, {5}
  };
  private static final double[] ANSCOMBE_Y = {
    8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68
  };

  private static final double NAN = Double.NaN;

  /** Anscombe I at x = 12: Sxx 110, Σe² 13.7626900, t(9) 2.2621571628541. */
  @Test
  public void predictionInterval() {
    LeastSquares fit = LeastSquares.of(ANSCOMBE_Y, ANSCOMBE_X);
    FittedValue at = FittedValue.of(fit, new double[] {12}, 0.95);
    double deviation = Math.sqrt(Moments.dot(fit.residuals(), fit.residuals()) / 9);
    assertEquals(deviation, 1.236603, 1e-6);
    assertEquals(at.value(), 3.00009090909 + 12 * 0.50009090909, 1e-9);
    double share = 1 / 11.0 + 9 / 110.0;
    double half = 2.2621571628541 * deviation;
    assertEquals(at.ofLine().high() - at.value(), half * Math.sqrt(share), 1e-9);
    assertEquals(at.value() - at.ofPoint().low(), half * Math.sqrt(1 + share), 1e-9);
  }

  /** At x = 0 the line is the intercept, with its CR1 error; t(2) 4.3026527297. */
  @Test
  public void clusteredPredictionInterval() {
    LeastSquares fit = LeastSquares.of(ANSCOMBE_Y, ANSCOMBE_X);
    Clusters clusters = new Clusters(new int[] {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2}, 3);
    FittedValue at = FittedValue.of(fit, new double[] {0}, clusters, 0.95);
    double error = fit.clusterErrors(clusters, true)[0];
    assertEquals(at.ofLine().high() - at.value(), 4.302652729749464 * error, 1e-9);
    double both = Math.sqrt(error * error + fit.residualVariance());
    assertEquals(at.ofPoint().high() - at.value(), 4.302652729749464 * both, 1e-9);
    assertThrows(
        IllegalArgumentException.class, () -> FittedValue.of(fit, new double[] {0, 1}, 0.95));
  }

  /** One 0/1 predictor is a 2×2 table: log odds ratio, and the root of Σ1/n as its error. */
  @Test
  public void logisticOfATable() {
    double[] y = new double[50];
    double[][] x = new double[50][1];
    for (int i = 0; i < 50; i++) {
      x[i][0] = i < 30 ? 0 : 1;
      y[i] = i < 10 || i >= 35 ? 1 : 0;
    }
    LogisticFit fit = LogisticFit.of(y, x);
    assertTrue(fit.converged());
    assertEquals(fit.coefficients()[0], Math.log(10 / 20.0), 1e-12);
    assertEquals(fit.coefficients()[1], Math.log(15.0 * 20 / (5 * 10)), 1e-12);
    assertEquals(
        fit.standardErrors()[1], Math.sqrt(1 / 10.0 + 1 / 20.0 + 1 / 15.0 + 1 / 5.0), 1e-12);
  }

  /**
   * Outcomes that a predictor separates, if only on one side, or that are all equal, have no fit.
   */
  @Test
  public void logisticWithoutMaximum() {
    double[][] x = {{1}, {1}, {1}, {2}, {2}, {3}};
    for (double[] y : new double[][] {{0, 1, 0, 1, 1, 1}, {1, 1, 1, 1, 1, 1}}) {
      LogisticFit fit = LogisticFit.of(y, x);
      assertFalse(fit.converged());
      assertTrue(Double.isNaN(fit.coefficients()[1]));
    }
  }

  /** Three wins to one are odds of 3; a system that never loses has no finite strength. */
  @Test
  public void strengthsNeedChainsOfWins() {
    BradleyTerry two = BradleyTerry.of(new double[][] {{0, 3}, {1, 0}});
    assertEquals(two.logStrengths()[0], Math.log(3) / 2, 1e-12);
    BradleyTerry never = BradleyTerry.of(new double[][] {{0, 3, 2}, {0, 0, 4}, {0, 1, 0}});
    assertTrue(Double.isNaN(never.logStrengths()[1]));
    assertTrue(Double.isNaN(never.logLikelihood()));
  }

  /** Krippendorff's own example of 12 units and 4 observers: .743, .815, .849, .797. */
  @Test
  public void krippendorffsExample() {
    double[][] ratings = {
      {1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN},
      {1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3},
      {NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN},
      {1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN}
    };
    Map.of(
            KrippendorffAlpha.Scale.NOMINAL, 0.743,
            KrippendorffAlpha.Scale.ORDINAL, 0.815,
            KrippendorffAlpha.Scale.INTERVAL, 0.849,
            KrippendorffAlpha.Scale.RATIO, 0.797)
        .forEach((scale, published) ->
            assertEquals(KrippendorffAlpha.of(ratings, scale), published, 5e-4));
    assertTrue(
        Double.isNaN(
            KrippendorffAlpha.of(
                new double[][] {{2, 2}, {2, 2}}, KrippendorffAlpha.Scale.NOMINAL)));
  }

  /** Upper 5 % points of the printed tables: q(3, 10) = 3.877, q(5, 20) = 4.232. */
  @Test
  public void studentizedRangeTables() {
    assertEquals(StudentizedRange.upper(3.877, 3, 10), 0.05, 3e-5);
    assertEquals(StudentizedRange.upper(4.232, 5, 20), 0.05, 3e-5);
    assertEquals(StudentizedRange.upper(Math.sqrt(2) * 1.959963984540054, 2), 0.05, 1e-12);
  }

  @Test
  public void temperatureAtTheEdges() {
    double[][] logits = {{2, 0}, {0, 3}};
    assertEquals(TemperatureScaling.of(logits, new int[] {0, 1}).temperature(), 0.0);
    TemperatureScaling wrong = TemperatureScaling.of(logits, new int[] {1, 0});
    assertTrue(Double.isInfinite(wrong.temperature()));
    assertEquals(wrong.lossAfter(), Math.log(2), 1e-12);
  }

  @Test
  public void nothingVaries() {
    assertTrue(Double.isNaN(KruskalWallis.of(new double[][] {{1, 1}, {1, 1}}).p()));
    assertTrue(Double.isNaN(Friedman.of(new double[][] {{1, 1}, {2, 2}}).p()));
    assertTrue(Double.isNaN(FleissKappa.of(new double[][] {{2, 0}, {2, 0}})));
    assertTrue(Double.isNaN(RankingCurve.of(new double[] {1, 2}, new double[] {1, 1}).auroc()));
    PartialCorrelation none =
        PartialCorrelation.of(
            new double[] {1, 2, 3, 5},
            new double[] {1, 3, 2, 5},
            new double[][] {{7, 7, 7, 7}},
            0.95);
    assertTrue(Double.isNaN(none.value()));
    assertTrue(none.interval().isEmpty());
  }

  @Test
  public void fewGroupsAreRefused() {
    IllegalArgumentException refusal =
        expectThrows(
            IllegalArgumentException.class,
            () ->
                MixedModel.of(
                    new Pairs(new double[] {1, 2, 3, 4}, new double[] {1, 2, 3, 5}),
                    List.of("a", "a", "b", "b"),
                    false,
                    MixedModel.Likelihood.FULL));
    assertTrue(refusal.getMessage().contains("at least 5 groups, but there are 2"));
  }

  /** Our maximum of the likelihood is nowhere below that of statsmodels. */
  @Test
  public void mixedModelsReachTheMaximum() throws IOException {
    JsonObject root =
        JsonParser.parseString(Files.readString(Shared.path("golden/statistics/mixed_model.json")))
            .getAsJsonObject();
    for (JsonElement one : root.getAsJsonArray("cases")) {
      JsonObject in = one.getAsJsonObject().getAsJsonObject("input");
      JsonObject expected = one.getAsJsonObject().getAsJsonObject("expected").getAsJsonObject("ml");
      MixedModel model =
          MixedModel.of(
              new Pairs(GoldenFunctions.doubles(in, "x"), GoldenFunctions.doubles(in, "y")),
              GoldenFunctions.strings(in, "group"),
              expected.getAsJsonArray("random_cov").size() > 1,
              MixedModel.Likelihood.FULL);
      assertTrue(model.logLikelihood() >= expected.get("loglik").getAsDouble() - 1e-10);
    }
  }
}
