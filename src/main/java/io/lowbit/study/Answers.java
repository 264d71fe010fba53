// SPDX-License-Identifier: Apache-2.0
package io.lowbit.study;

import io.lowbit.engine.Generator;
import io.lowbit.engine.Scorer;
import io.lowbit.engine.SequenceScore;
import io.lowbit.task.Response;
import io.lowbit.text.Request;
import java.util.ArrayList;
import java.util.List;

/** Asks a model the requests of several items at once. */
final class Answers {
  private final Scorer scorer;
  private final Generator generator;

  Answers(Scorer scorer, Generator generator) {
    this.scorer = scorer;
    this.generator = generator;
  }

  /** For each item, the responses to its requests in order. */
  List<List<Response>> to(List<EncodedTask.Item> items) {
    List<Request.Tokens> windows = new ArrayList<>();
    List<Generator.Prompt> prompts = new ArrayList<>();
    for (EncodedTask.Item item : items) {
      item.windows().forEach(windows::addAll);
      prompts.addAll(item.prompts());
    }
    var scores = scorer.score(windows).iterator();
    var answers = prompts.isEmpty() ? null : generator.generate(prompts).iterator();
    List<List<Response>> responses = new ArrayList<>();
    for (EncodedTask.Item item : items) {
      List<Response> ofItem = new ArrayList<>();
      for (List<Request.Tokens> request : item.windows()) {
        double logLikelihood = 0;
        boolean greedy = true;
        int tokens = 0;
        for (Request.Tokens window : request) {
          SequenceScore score = scores.next();
          logLikelihood += score.logLikelihood();
          greedy &= score.greedy();
          tokens += window.scored();
        }
        ofItem.add(Response.ofLogLikelihood(logLikelihood, greedy, tokens));
      }
      for (int i = 0; i < item.prompts().size(); i++) {
        Generator.Answer answer = answers.next();
        ofItem.add(Response.ofText(answer.text(), answer.ids().length));
      }
      responses.add(ofItem);
    }
    return responses;
  }
}
