// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "report/writers.hpp"

namespace plumbline::report {
namespace {

/// As text, since it is read by people as a document. The test validates results against it, and
/// checks that every object is closed: a key that a writer adds must be added here.
constexpr const char* document =
    R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Plumbline result",
  "description": "Bounds, predictions, replay and measurements of one experiment. SI units; what is not known, not finite or does not apply is null. The same inputs give the same bytes except inside run.",
  "type": "object",
  "additionalProperties": false,
  "required": ["schema", "experiment", "question", "system", "interrupted", "axes", "measured",
               "points", "verdict", "diagnostics", "provenance", "run"],
  "properties": {
    "schema": {"const": "plumbline.result/1"},
    "experiment": {"type": "string"},
    "question": {"type": "string"},
    "system": {"type": "string"},
    "interrupted": {"type": "boolean", "description": "stopped early: some points are missing"},
    "axes": {
      "description": "the swept keys, slowest first; points are in row-major order",
      "type": "array",
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["path", "values", "unit", "si"],
        "properties": {
          "path": {"type": "string"},
          "values": {"type": "array", "items": {"type": "string"}},
          "unit": {"enum": ["B", "s", "B/s", "1", null]},
          "si": {"description": "the values as numbers, where all are quantities of one kind",
                 "type": ["array", "null"], "items": {"type": "number"}}
        }
      }
    },
    "measured": {
      "type": ["object", "null"],
      "additionalProperties": false,
      "required": ["set", "title", "source", "licence", "algorithm"],
      "properties": {
        "set": {"type": "string"},
        "title": {"type": "string"},
        "source": {"type": "string"},
        "licence": {"type": "string"},
        "algorithm": {"type": "string", "description": "library default: not stated by the set"}
      }
    },
    "points": {"type": "array", "items": {"$ref": "#/$defs/point"}},
    "verdict": {
      "type": "object",
      "additionalProperties": false,
      "required": ["accepted", "failures"],
      "properties": {
        "accepted": {"type": "boolean"},
        "failures": {"$ref": "#/$defs/texts"}
      }
    },
    "diagnostics": {
      "type": "array",
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["code", "severity", "where", "message", "hint"],
        "properties": {
          "code": {"type": "string"},
          "severity": {"enum": ["error", "warning", "note"]},
          "where": {"$ref": "#/$defs/place"},
          "message": {"type": "string"},
          "hint": {"type": "string"}
        }
      }
    },
    "provenance": {
      "description": "the numbers of the system, the constants and so on, with their sources",
      "type": "array",
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["path", "text", "source", "verified", "where"],
        "properties": {
          "path": {"type": "string"},
          "text": {"type": "string"},
          "source": {"type": "string"},
          "verified": {"type": "boolean"},
          "where": {"$ref": "#/$defs/place"}
        }
      }
    },
    "run": {
      "description": "all that may differ between runs of the same inputs: date, host, versions, wall times",
      "type": "object",
      "required": ["replay_wall_s"],
      "properties": {
        "replay_wall_s": {"description": "one per point", "type": "array",
                          "items": {"$ref": "#/$defs/amount"}}
      },
      "additionalProperties": {"type": "string"}
    }
  },
  "$defs": {
    "amount": {"type": ["number", "null"], "minimum": 0},
    "texts": {"type": "array", "items": {"type": "string"}},
    "term": {"enum": ["latency", "serialisation", "contention", "queueing", "compute", "launch",
                      "reduction"]},
    "terms": {
      "description": "seconds by term; a term that is absent is zero",
      "type": "object",
      "propertyNames": {"$ref": "#/$defs/term"},
      "additionalProperties": {"type": ["number", "null"]}
    },
    "place": {
      "type": "object",
      "additionalProperties": false,
      "required": ["file", "line", "column"],
      "properties": {
        "file": {"type": "string"},
        "line": {"type": "integer", "minimum": 0, "description": "from 1; 0: no place"},
        "column": {"type": "integer", "minimum": 0}
      }
    },
    "bound": {
      "type": "object",
      "additionalProperties": false,
      "required": ["name", "scope", "side", "value_s", "binding"],
      "properties": {
        "name": {"type": "string"},
        "scope": {"enum": ["schedule", "speed_of_light", "achievable"]},
        "side": {"enum": ["lower", "upper"]},
        "value_s": {"$ref": "#/$defs/amount"},
        "binding": {"type": "string", "description": "the link, cut or path that sets it"}
      }
    },
    "prediction": {
      "type": "object",
      "additionalProperties": false,
      "required": ["solver", "estimate_s", "terms", "valid", "claim", "refuted", "notes"],
      "properties": {
        "solver": {"type": "string"},
        "claim": {"enum": ["lower", "upper", "exact", "estimate", null]},
        "refuted": {"type": ["string", "null"],
                    "description": "how the replay contradicts the claim; null where it does not"},
        "estimate_s": {"$ref": "#/$defs/amount"},
        "terms": {"$ref": "#/$defs/terms"},
        "valid": {"type": "boolean", "description": "false: the notes say why it did not answer"},
        "notes": {"$ref": "#/$defs/texts"}
      }
    },
    "replay": {
      "type": "object",
      "additionalProperties": false,
      "required": ["terms", "hottest_links", "notes"],
      "properties": {
        "operations": {"type": "integer", "minimum": 0},
        "replayed_operations": {"type": "integer", "minimum": 0},
        "folded": {"type": "boolean"},
        "terms": {"$ref": "#/$defs/terms"},
        "parts": {
          "type": "array",
          "description": "of several workloads at once: when each starts and has ended",
          "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["name", "start_s", "end_s"],
            "properties": {
              "name": {"type": "string"},
              "start_s": {"$ref": "#/$defs/amount"},
              "end_s": {"$ref": "#/$defs/amount"}
            }
          }
        },
        "hottest_links": {
          "type": "array",
          "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["link", "bytes_B", "utilisation"],
            "properties": {
              "link": {"type": "string"},
              "bytes_B": {"$ref": "#/$defs/amount"},
              "utilisation": {"$ref": "#/$defs/amount"}
            }
          }
        },
        "notes": {"$ref": "#/$defs/texts"}
      }
    },
    "gap": {
      "type": "object",
      "additionalProperties": false,
      "required": ["of", "against", "relative", "terms", "explanation"],
      "properties": {
        "of": {"type": "string", "description": "a solver, or replay"},
        "against": {"enum": ["replay", "measured"]},
        "relative": {"type": ["number", "null"], "description": "(of - against) / against"},
        "terms": {
          "description": "of minus against, in seconds; they sum to the difference",
          "type": "object",
          "propertyNames": {"anyOf": [{"$ref": "#/$defs/term"}, {"const": "structure"}]},
          "additionalProperties": {"type": ["number", "null"]}
        },
        "regime": {"enum": ["small", "middle", "large"]},
        "explanation": {"type": "string"}
      }
    },
)json"
    // Two literals, since a compiler need not take one longer than 65,536 characters, nor a reader.
    R"json(    "point": {
      "type": "object",
      "additionalProperties": false,
      "required": ["axes", "choice", "placement", "routing", "constants", "status", "verified",
                   "lower_s",
                   "upper_s", "speed_of_light_s", "bounds", "predictions", "simulated_s", "replay",
                   "measured_s", "measured_low_s", "measured_high_s", "measured_below",
                   "algbw_Bps", "busbw_Bps", "measured_algbw_Bps", "measured_busbw_Bps",
                   "inside_bounds", "gaps", "notes"],
      "properties": {
        "axes": {
          "description": "what the point is; besides the keys named here, every swept key by its path, as written",
          "type": "object",
          "required": ["collective", "algorithm", "ranks", "nodes", "size_B"],
          "properties": {
            "collective": {"type": "string"},
            "algorithm": {"type": "string"},
            "ranks": {"type": "integer", "minimum": 0},
            "nodes": {"type": "integer", "minimum": 0},
            "size_B": {"$ref": "#/$defs/amount"}
          },
          "additionalProperties": {"type": "string"}
        },
        "choice": {
          "type": "object",
          "additionalProperties": false,
          "required": ["algorithm", "protocol", "channels", "by"],
          "properties": {
            "algorithm": {"type": "string"},
            "protocol": {"type": "string"},
            "channels": {"type": "integer", "minimum": 1},
            "by": {"type": "string", "description": "given, or the model that chose"}
          }
        },
        "placement": {"type": "string"},
        "routing": {"type": "string", "description": "how equal ways were chosen among"},
        "constants": {"type": "string"},
        "status": {"enum": ["done", "failed", "missing"]},
        "verified": {"type": "string", "description": "proved, or at which smaller number of ranks"},
        "lower_s": {"description": "best lower bound of this schedule", "$ref": "#/$defs/amount"},
        "upper_s": {"description": "best upper bound of this schedule", "$ref": "#/$defs/amount"},
        "speed_of_light_s": {"description": "lower bound of any algorithm on nominal links",
                             "$ref": "#/$defs/amount"},
        "bounds": {"type": "array", "items": {"$ref": "#/$defs/bound"}},
        "predictions": {"type": "array", "items": {"$ref": "#/$defs/prediction"}},
        "simulated_s": {"description": "the replay's time of the whole schedule",
                        "$ref": "#/$defs/amount"},
        "replay": {"anyOf": [{"$ref": "#/$defs/replay"}, {"type": "null"}]},
        "likely_low_s": {"$ref": "#/$defs/amount"},
        "likely_high_s": {"$ref": "#/$defs/amount"},
        "measured_s": {"$ref": "#/$defs/amount"},
        "measured_low_s": {"$ref": "#/$defs/amount"},
        "measured_high_s": {"$ref": "#/$defs/amount"},
        "measured_below": {"description": "which speed-of-light bound the measurement beats, and the likely reason",
                           "type": ["string", "null"]},
        "algbw_Bps": {"description": "of the replay", "$ref": "#/$defs/amount"},
        "busbw_Bps": {"description": "of the replay", "$ref": "#/$defs/amount"},
        "measured_algbw_Bps": {"$ref": "#/$defs/amount"},
        "measured_busbw_Bps": {"$ref": "#/$defs/amount"},
        "inside_bounds": {"description": "simulated_s within lower_s and upper_s to 1e-9",
                          "type": ["boolean", "null"]},
        "gaps": {"type": "array", "items": {"$ref": "#/$defs/gap"}},
        "notes": {"$ref": "#/$defs/texts"}
      }
    }
  }
}
)json";

}  // namespace

std::string result_schema() {
  return document;
}

}  // namespace plumbline::report
