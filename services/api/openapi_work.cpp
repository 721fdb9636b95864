#include "services/api/openapi_work.hpp"

#include "services/api/openapi_change.hpp"

#include <algorithm>
#include <iterator>
#include <string>

namespace diaban::services::api {

namespace {

/// A change of offices' work, and under which heading it stands.
struct Tagged {
    Change change;
    std::string_view tag;
};

constexpr Tagged changes[] = {
    {{http::Method::post, "/forms/indicators", "reportIndicators",
      "Take a form that was filled in, whole or, where a cell is wrong, not at all; the answer "
      "names "
      "the cells, or is the form with those marked, as Accept says",
      "", "", "200"},
     "Indicators"},
    {{http::Method::post, "/indicators/{indicatorId}/values", "pushIndicatorValues",
      "Report values of an indicator, all or none; those that are there are corrected", "NewValues",
      "", "200"},
     "Indicators"},
    {{http::Method::post, "/ties", "tie",
      "The units that something belongs to, and how surely; what has none waits (202)", "NewTie",
      "", "200"},
     "Places"},
    {{http::Method::post, "/tasks", "askTask", "Ask an office for something, by a deadline",
      "NewTask", "", "201"},
     "Work"},
    {{http::Method::post, "/tasks/{taskId}/report", "reportTask",
      "Say that it is done, with what shows it", "TaskReport", "", "200"},
     "Work"},
    {{http::Method::post, "/tasks/{taskId}/accept", "acceptTask", "Accept what was done", "", "",
      "200"},
     "Work"},
    {{http::Method::post, "/tasks/{taskId}/return", "returnTask", "Give it back, with the reason",
      "WorkReason", "", "200"},
     "Work"},
    {{http::Method::post, "/public-services/dossiers/{dossierId}/pause", "pauseServiceDossier",
      "Stop the clock: the citizen must act", "WorkReason", "", "200"},
     "Work"},
    {{http::Method::post, "/public-services/dossiers/{dossierId}/resume", "resumeServiceDossier",
      "Let the clock go on", "", "", "200"},
     "Work"},
    {{http::Method::post, "/public-services/dossiers/{dossierId}/settle", "settleServiceDossier",
      "Hand out the result: the clock ends", "", "", "200"},
     "Work"},
};

constexpr std::string_view schemas[] = {
    R"("NewValues": {"type": "object", "required": ["values"], "properties": {"values": {
    "type": "array", "maxItems": 10000, "items": {"type": "object", "required": ["place", "period",
    "value"], "properties": {"place": {"type": "string"}, "period": {"type": "string"},
    "value": {"type": "number"}}}}}})",
    R"("NewTie": {"type": "object", "required": ["source"], "properties": {
    "source": {"type": "string"}, "position": {"type": "object", "required": ["lon", "lat"],
    "properties": {"lon": {"type": "number"}, "lat": {"type": "number"}}},
    "code": {"type": "string"}, "on": {"type": "string", "format": "date"},
    "parcel": {"type": "integer"}, "camera": {"type": "integer"},
    "facility": {"type": "integer"}, "address": {"type": "string"}}})",
    R"("NewTask": {"type": "object", "required": ["title", "subject", "office", "deadline"],
    "properties": {"title": {"type": "string"}, "subject": {"type": "object",
    "required": ["kind", "id"], "properties": {"kind": {"type": "string", "enum": ["indicator",
    "place", "report", "alert", "dossier", "directive"]}, "id": {"type": "string"}}},
    "place": {"type": "string"}, "office": {"type": "string"},
    "deadline": {"type": "string", "format": "date-time"}}})",
    R"("TaskReport": {"type": "object", "required": ["evidence"], "properties": {
    "evidence": {"type": "string"}}})",
    R"("WorkReason": {"type": "object", "required": ["reason"], "properties": {
    "reason": {"type": "string"}}})",
};

constexpr std::string_view problems[] = {"400", "401", "403", "404", "409",
                                         "413", "415", "422", "503"};

} // namespace

Json describe_work_change(http::Method method, std::string_view pattern) {
    auto const* const found = std::ranges::find_if(changes, [&](Tagged const& one) {
        return one.change.method == method && one.change.pattern == pattern;
    });
    if (found == std::end(changes)) return nullptr;
    auto described = describe_change(found->change, found->tag, problems);
    described["responses"][std::string{found->change.success}]["content"] = {
        {"application/json", {{"schema", {{"type", "object"}}}}}};
    if (pattern == "/forms/indicators")
        described["requestBody"] = {
            {"required", true},
            {"content",
             {{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
               {{"schema", {{"type", "string"}, {"format", "binary"}}}}}}}};
    return described;
}

Json work_schemas() {
    return schemas_of(schemas);
}

} // namespace diaban::services::api
