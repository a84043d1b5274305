// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "app/scorecard.hpp"

namespace plumbline::app {
namespace {

// Every object is closed, and the tests hold real scorecards to it: a key that scorecard_json()
// adds must be added here.
constexpr std::string_view document =
    R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Plumbline scorecard",
  "description": "Whether a solver keeps its claim. SI units; shares and errors are fractions (0.05: 5 %); an error is answer / truth - 1, of a choice the regret. What is not known or does not apply is null. The same seed gives the same bytes except inside run.",
  "type": "object",
  "additionalProperties": false,
  "required": ["schema", "solver", "claim", "quantity", "within", "seed", "containment", "verdict",
               "coverage", "score", "counterexample", "properties", "measured", "decisions",
               "run"],
  "properties": {
    "schema": {"const": "plumbline.scorecard/1"},
    "solver": {"type": "string"},
    "claim": {"enum": ["lower", "upper", "exact", "estimate"]},
    "quantity": {"enum": ["time", "busbw", "choice"]},
    "within": {"description": "by how much an answer may be off", "$ref": "#/$defs/amount"},
    "seed": {"description": "of the problems; --seed repeats the verdict", "type": "integer", "minimum": 0},
    "containment": {"description": "what held a user's solver in bounds, and what the kernel did not grant",
                    "$ref": "#/$defs/texts"},
    "verdict": {
      "type": "object",
      "additionalProperties": false,
      "required": ["decision", "reason", "cause", "domain", "domain_share", "domain_fresh"],
      "properties": {
        "decision": {"enum": ["SHIP", "SHIP WITH DOMAIN", "REJECT"]},
        "reason": {"description": "one sentence", "type": "string"},
        "cause": {"description": "the axis or property that decides; empty where it ships",
                  "type": "string"},
        "domain": {"description": "limits of the largest part on which the claim held",
                   "type": "array", "items": {"$ref": "#/$defs/limit"}},
        "domain_share": {"description": "of the points", "type": ["number", "null"],
                         "minimum": 0, "maximum": 1},
        "domain_fresh": {
          "description": "points drawn from that part afterwards, which it was not found by",
          "type": ["object", "null"], "additionalProperties": false,
          "required": ["points", "violations"],
          "properties": {"points": {"$ref": "#/$defs/count"}, "violations": {"$ref": "#/$defs/count"}}
        }
      }
    },
    "coverage": {"description": "answered of its own domain", "$ref": "#/$defs/share"},
    "score": {
      "type": "object",
      "additionalProperties": false,
      "required": ["points", "not_replayed", "violations", "violation_limit_95",
                   "faster_than_bounds", "mean_error", "bias", "median_error", "p95_error",
                   "largest_error", "kendall_tau", "worst", "null_model", "incumbent", "parts"],
      "properties": {
        "points": {"description": "answers with a truth", "$ref": "#/$defs/count"},
        "not_replayed": {"description": "answers whose truth could not be found",
                         "$ref": "#/$defs/count"},
        "violations": {"description": "points that break the claim", "$ref": "#/$defs/count"},
        "violation_limit_95": {"description": "their share of all problems at most, one-sided",
                               "$ref": "#/$defs/share"},
        "faster_than_bounds": {"$ref": "#/$defs/count"},
        "mean_error": {"description": "of its size", "$ref": "#/$defs/amount"},
        "bias": {"description": "mean error", "type": ["number", "null"]},
        "median_error": {"type": ["number", "null"]},
        "p95_error": {"description": "of its size", "$ref": "#/$defs/amount"},
        "largest_error": {"description": "of its size", "$ref": "#/$defs/amount"},
        "kendall_tau": {"description": "order of the answers against that of the truth",
                        "type": ["number", "null"], "minimum": -1, "maximum": 1},
        "worst": {"description": "the case", "type": ["string", "null"]},
        "null_model": {"description": "against two straight lines", "$ref": "#/$defs/comparison"},
        "incumbent": {"description": "against the best solver that is built in",
                      "$ref": "#/$defs/comparison"},
        "parts": {
          "type": "array",
          "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["part", "points", "kept", "median_error"],
            "properties": {
              "part": {"type": "string"},
              "points": {"$ref": "#/$defs/count"},
              "kept": {"description": "of them the claim", "$ref": "#/$defs/count"},
              "median_error": {"type": ["number", "null"]}
            }
          }
        }
      }
    },
    "counterexample": {
      "description": "the simplest case found that breaks the claim",
      "type": ["object", "null"],
      "additionalProperties": false,
      "required": ["case", "ranks", "nodes", "error", "why", "experiment"],
      "properties": {
        "case": {"type": "string"},
        "ranks": {"$ref": "#/$defs/count"},
        "nodes": {"$ref": "#/$defs/count"},
        "error": {"type": ["number", "null"]},
        "why": {"description": "what the replay says of it", "type": "string"},
        "experiment": {"description": "a file for `plumbline run`", "type": "string"}
      }
    },
    "properties": {
      "description": "what holds of every right answer, whatever the truth is",
      "type": "array",
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["name", "passed", "checks", "says"],
        "properties": {
          "name": {"type": "string"},
          "passed": {"type": "boolean"},
          "checks": {"$ref": "#/$defs/count"},
          "says": {"description": "the worst example; empty where it passed", "type": "string"}
        }
      }
    },
    "measured": {
      "description": "against the experiments of --measured; decides nothing",
      "type": "array",
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["experiment", "set", "points", "answered", "why_not", "mean_error", "worst_error",
                     "worst", "null_error"],
        "properties": {
          "experiment": {"type": "string"},
          "set": {"type": "string"},
          "points": {"description": "with one measured row", "$ref": "#/$defs/count"},
          "answered": {"$ref": "#/$defs/count"},
          "why_not": {"description": "why the first of the others is not", "type": "string"},
          "mean_error": {"description": "of |answer / measured - 1|", "$ref": "#/$defs/amount"},
          "worst_error": {"type": ["number", "null"]},
          "worst": {"type": ["string", "null"]},
          "null_error": {"description": "mean, of two straight lines through each curve",
                         "$ref": "#/$defs/amount"}
        }
      }
    },
    "decisions": {
      "description": "of taking the algorithm that it says to be fastest; decides nothing",
      "type": ["object", "null"],
      "additionalProperties": false,
      "required": ["points", "wrong", "p95_regret", "worst_regret", "worst"],
      "properties": {
        "points": {"description": "with several algorithms answered", "$ref": "#/$defs/count"},
        "wrong": {"description": "choices that cost more than 5 %", "$ref": "#/$defs/count"},
        "p95_regret": {"$ref": "#/$defs/amount"},
        "worst_regret": {"$ref": "#/$defs/amount"},
        "worst": {"type": "string"}
      }
    },
    "run": {
      "description": "all that may differ where the seed is the same",
      "type": "object",
      "additionalProperties": false,
      "required": ["wall_s", "answer_s", "replay_s"],
      "properties": {
        "wall_s": {"$ref": "#/$defs/amount"},
        "answer_s": {"description": "median", "$ref": "#/$defs/amount"},
        "replay_s": {"description": "median; 0 where none was needed", "$ref": "#/$defs/amount"}
      }
    }
  },
  "$defs": {
    "amount": {"type": ["number", "null"], "minimum": 0},
    "count": {"type": "integer", "minimum": 0},
    "share": {"type": "number", "minimum": 0, "maximum": 1},
    "texts": {"type": "array", "items": {"type": "string"}},
    "limit": {
      "type": "object",
      "additionalProperties": false,
      "required": ["axis"],
      "properties": {
        "axis": {"type": "string"},
        "from": {"description": "SI", "type": ["number", "null"]},
        "to": {"type": ["number", "null"]},
        "word": {"description": "instead of a range", "type": "string"}
      },
      "oneOf": [{"required": ["word"]}, {"required": ["from", "to"]}]
    },
    "comparison": {
      "description": "mean size of the errors on the points that both answer",
      "type": ["object", "null"],
      "additionalProperties": false,
      "required": ["with", "points", "mean_error", "mean_error_other", "difference"],
      "properties": {
        "with": {"type": "string"},
        "points": {"$ref": "#/$defs/count"},
        "mean_error": {"$ref": "#/$defs/amount"},
        "mean_error_other": {"$ref": "#/$defs/amount"},
        "difference": {"description": "low end, mean and high end of its 95 % interval",
                       "type": "array", "minItems": 3, "maxItems": 3,
                       "items": {"type": ["number", "null"]}}
      }
    }
  }
})json";

}  // namespace

std::string_view scorecard_schema() {
  return document;
}

}  // namespace plumbline::app
