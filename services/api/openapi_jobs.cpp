#include "services/api/openapi_jobs.hpp"

#include "services/api/item_forms.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace diaban::services::api {

namespace {

constexpr char execution[] = "/processes/{processId}/execution";
constexpr char job[] = "/jobs/{jobId}";
constexpr char pausing[] = "/jobs/{jobId}/pause";
constexpr char resuming[] = "/jobs/{jobId}/resume";
constexpr char output[] = "/jobs/{jobId}/results/{output}";

constexpr std::pair<std::string_view, std::string_view> routes[] = {
    {"/processes", "Processes"},
    {"/processes/{processId}", "Process"},
    {"/jobs", "Jobs"},
    {job, "Job"},
    {"/jobs/{jobId}/results", "JobResults"},
};

Json reference(std::string_view schema) {
    return {{"$ref", "#/components/schemas/" + std::string{schema}}};
}

Json problem() {
    return {{"$ref", "#/components/responses/Problem"}};
}

Json json_content(std::string_view schema) {
    return {{"application/json", {{"schema", reference(schema)}}}};
}

// One schema a line; `additionalProperties: false` closes what is ours alone.
constexpr char schemas[] = R"({
"ProcessSummary": {"type": "object", "required": ["id", "version", "title", "description",
    "jobControlOptions", "outputTransmission", "links"], "properties": {"id": {"type": "string"},
    "version": {"type": "string"}, "title": {"type": "string"}, "description": {"type": "string"},
    "jobControlOptions": {"type": "array", "items": {"type": "string"}},
    "outputTransmission": {"type": "array", "items": {"type": "string"}},
    "links": {"$ref": "#/components/schemas/Links"}}},
"Processes": {"type": "object", "required": ["processes", "links"], "properties": {
    "processes": {"type": "array", "items": {"$ref": "#/components/schemas/ProcessSummary"}},
    "links": {"$ref": "#/components/schemas/Links"}}, "additionalProperties": false},
"Process": {"allOf": [{"$ref": "#/components/schemas/ProcessSummary"}, {"type": "object",
    "required": ["inputs", "outputs"], "properties": {
    "inputs": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/ProcessData"}},
    "outputs": {"type": "object",
    "additionalProperties": {"$ref": "#/components/schemas/ProcessData"}}}}]},
"ProcessData": {"type": "object", "required": ["title", "schema"], "properties": {
    "title": {"type": "string"}, "minOccurs": {"type": "integer", "minimum": 0},
    "schema": {"type": "object"}}, "additionalProperties": false},
"Execute": {"type": "object", "required": ["inputs"], "properties": {"inputs": {"type": "object",
    "additionalProperties": true}}, "additionalProperties": false},
"Job": {"type": "object", "required": ["jobID", "processID", "type", "status", "progress", "created",
    "updated", "inputs", "links"], "properties": {"jobID": {"type": "string", "format": "uuid"},
    "processID": {"type": "string"}, "type": {"type": "string", "enum": ["process"]},
    "status": {"type": "string", "enum": ["accepted", "running", "successful", "failed", "dismissed"]},
    "progress": {"type": "integer", "minimum": 0, "maximum": 100},
    "paused": {"type": "boolean"}, "message": {"type": "string"},
    "problem": {"type": "string", "format": "uri"},
    "created": {"type": "string", "format": "date-time"},
    "updated": {"type": "string", "format": "date-time"},
    "started": {"type": "string", "format": "date-time"},
    "finished": {"type": "string", "format": "date-time"},
    "inputs": {"type": "object", "additionalProperties": true},
    "links": {"$ref": "#/components/schemas/Links"}}, "additionalProperties": false},
"Jobs": {"type": "object", "required": ["jobs", "links"], "properties": {
    "jobs": {"type": "array", "items": {"$ref": "#/components/schemas/Job"}},
    "links": {"$ref": "#/components/schemas/Links"}}, "additionalProperties": false},
"JobResults": {"type": "object", "properties": {"file": {"type": "object",
    "required": ["name", "type", "bytes", "sha256", "href"], "properties": {
    "name": {"type": "string"}, "type": {"type": "string"},
    "bytes": {"type": "integer", "minimum": 0},
    "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    "href": {"type": "string", "format": "uri"}}, "additionalProperties": false}},
    "additionalProperties": true}
})";

} // namespace

Json describe_job_change(http::Method method, std::string_view pattern) {
    if (method == http::Method::post && pattern == execution)
        return {{"operationId", "execute"},
                {"summary", "Run a process, as a job or at once (Prefer)"},
                {"tags", Json::array({"Jobs"})},
                {"parameters", Json::array()},
                {"requestBody", {{"required", true}, {"content", json_content("Execute")}}},
                {"responses",
                 {{"200",
                   {{"description", "The results of a process that may be waited for"},
                    {"content", json_content("JobResults")}}},
                  {"201",
                   {{"description", "The job waits for its turn"},
                    {"headers",
                     {{"Location",
                       {{"description", "The job"},
                        {"schema", {{"type", "string"}, {"format", "uri"}}}}}}},
                    {"content", json_content("Job")}}},
                  {"400", problem()},
                  {"404", problem()},
                  {"415", problem()},
                  {"429", problem()},
                  {"503", problem()},
                  {"default", problem()}}}};
    if (method == http::Method::post && (pattern == pausing || pattern == resuming))
        return {{"operationId", pattern == pausing ? "pauseJob" : "resumeJob"},
                {"summary", pattern == pausing ? "Let a job wait" : "Let a job go on"},
                {"tags", Json::array({"Jobs"})},
                {"parameters", Json::array()},
                {"responses",
                 {{"200", {{"description", "As asked"}, {"content", json_content("Job")}}},
                  {"404", problem()},
                  {"409", problem()},
                  {"503", problem()},
                  {"default", problem()}}}};
    if (method == http::Method::remove && pattern == job)
        return {{"operationId", "dismissJob"},
                {"summary", "End a job, or forget one that is over, with its results"},
                {"tags", Json::array({"Jobs"})},
                {"parameters", Json::array()},
                {"responses",
                 {{"200", {{"description", "Dismissed"}, {"content", json_content("Job")}}},
                  {"404", problem()},
                  {"503", problem()},
                  {"default", problem()}}}};
    return nullptr;
}

void add_job_responses(std::string_view pattern, Json& responses) {
    if (pattern == "/jobs/{jobId}/results")
        for (auto const* const status : {"403", "413", "503"}) responses[status] = problem();
    if (pattern != output) return;
    Json const binary{{"schema", {{"type", "string"}, {"format", "binary"}}}};
    auto& content = responses["200"]["content"];
    content = {{"application/json", {{"schema", Json::object()}}}};
    for (auto const& form : item_forms())
        if (form.kind == ItemForm::Kind::file)
            content[std::string{form.media_type}] = binary;
        else if (form.kind != ItemForm::Kind::html)
            content[std::string{form.media_type}] = {{"schema", {{"type", "object"}}}};
    content["application/geo+json-seq"] = binary;
    auto part = content;
    part.erase("application/json");
    responses["206"] = {{"description", "The part asked for by Range"}, {"content", part}};
    responses["416"] = problem();
    responses["503"] = problem();
}

std::string_view job_schema_of(std::string_view pattern) noexcept {
    auto const* const found =
        std::ranges::find(routes, pattern, &std::pair<std::string_view, std::string_view>::first);
    return found == std::end(routes) ? std::string_view{} : found->second;
}

Json job_schemas() {
    return Json::parse(schemas);
}

} // namespace diaban::services::api
