#pragma once

#include <string_view>

namespace diaban::services::api {

/// What a route is for, and the media type of what it answers.
struct Summary {
    std::string_view pattern;
    std::string_view tag;
    std::string_view text;
    std::string_view media_type;
};

inline constexpr Summary summaries[] = {
    {"/", "Core", "Landing page", "application/json"},
    {"/api", "Core", "This description", "application/vnd.oai.openapi+json;version=3.0"},
    {"/conformance", "Core", "Conformance classes", "application/json"},
    {"/collections", "Features", "The collections", "application/json"},
    {"/collections/{collectionId}", "Features", "One collection", "application/json"},
    {"/collections/{collectionId}/queryables", "Features", "What its features can be filtered by",
     "application/schema+json"},
    {"/collections/{collectionId}/schema", "Features", "What its features have",
     "application/schema+json"},
    {"/collections/{collectionId}/sortables", "Features", "What its features can be sorted by",
     "application/schema+json"},
    {"/functions", "Features", "Functions that filters may call", "application/json"},
    {"/collections/{collectionId}/items", "Features", "Features, page by page",
     "application/geo+json"},
    {"/collections/{collectionId}/items/{featureId}", "Features", "One feature, exact coordinates",
     "application/geo+json"},
    {"/collections/{collectionId}/items/{featureId}/history", "Features",
     "Every version of one feature, newest first", "application/geo+json"},
    {"/collections/{collectionId}/nearest", "Questions", "The features nearest to a position",
     "application/geo+json"},
    {"/collections/{collectionId}/count", "Questions",
     "How many features, and sums of fields; by unit or by cell of a grid", "application/json"},
    {"/collections/{collectionId}/values/{field}", "Questions",
     "The values of a field, the most frequent first", "application/json"},
    {"/collections/{collectionId}/histogram/{field}", "Questions",
     "How the values of a field are spread", "application/json"},
    {"/collections/{collectionId}/tiles", "Tiles", "Tilesets of a collection", "application/json"},
    {"/collections/{collectionId}/tiles/{tileMatrixSet}", "Tiles", "One tileset",
     "application/json"},
    {"/collections/{collectionId}/tiles/{tileMatrixSet}/{tileMatrix}/{tileRow}/{tileCol}", "Tiles",
     "One vector tile", "application/vnd.mapbox-vector-tile"},
    {"/tileMatrixSets", "Tiles", "Tile matrix sets", "application/json"},
    {"/tileMatrixSets/{tileMatrixSet}", "Tiles", "One tile matrix set", "application/json"},
    {"/tiles/{collections}.json", "Tiles", "TileJSON of one or more collections",
     "application/json"},
    {"/tiles/{collections}/{zoom}/{column}/{row}.mvt", "Tiles",
     "One vector tile of one or more collections (XYZ)", "application/vnd.mapbox-vector-tile"},
    {"/tiles/{collections}/{zoom}/{column}/{row}.pbf", "Tiles",
     "The same under the other usual ending", "application/vnd.mapbox-vector-tile"},
    {"/places", "Places", "Search administrative units by name or code", "application/json"},
    {"/geocode", "Places", "The same search as GeoJSON points", "application/geo+json"},
    {"/at", "Places", "What is here: units and features at a point or around it",
     "application/json"},
    {"/live", "Live", "Changes as they are committed (server-sent events), on the live port",
     "text/event-stream"},
    {"/processes", "Jobs", "What can be run as a job", "application/json"},
    {"/processes/{processId}", "Jobs", "One process: its inputs and outputs", "application/json"},
    {"/jobs", "Jobs", "The caller's jobs, newest first", "application/json"},
    {"/jobs/{jobId}", "Jobs", "How far a job is", "application/json"},
    {"/jobs/{jobId}/results", "Jobs", "What a job has given", "application/json"},
    {"/jobs/{jobId}/results/{output}", "Jobs", "One result; a file may be fetched in parts",
     "application/octet-stream"},
    {"/styles", "Styles", "Map styles", "application/json"},
    {"/styles/{style}", "Styles", "A MapLibre style", "application/vnd.mapbox.style+json"},
    {"/styles/{style}/legend", "Styles", "Legend of a style", "application/json"},
    {"/styles/sprite{rest}", "Styles", "Icons", "image/png"},
    {"/collections/{collectionId}/items/{featureId}/personal", "Access",
     "What a feature says of a person, to who may know and says why", "application/json"},
    {"/account", "Access", "Who one is, and what one may", "application/json"},
    {"/account/tokens", "Access", "One's tokens for machines", "application/json"},
    {"/account/oidc/{provider}", "Access", "Leaves for a provider of OpenID Connect",
     "application/json"},
    {"/account/oidc/{provider}/callback", "Access", "Where a browser comes back from it",
     "application/json"},
    {"/access/accounts", "Access", "Accounts", "application/json"},
    {"/access/roles", "Access", "Roles", "application/json"},
    {"/audit", "Access", "Who read and changed what, newest first", "application/json"},
    {"/audit/check", "Access", "Whether no entry was changed or removed", "application/json"},
    {"/healthz", "Health", "The process answers", "application/json"},
    {"/readyz", "Health", "Every mirror is loaded", "application/json"},
    {"/metrics", "Health", "Prometheus text", "text/plain"},
};

} // namespace diaban::services::api
