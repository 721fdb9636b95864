#pragma once

#include "data/blob/blob_store.hpp"
#include "data/postgis/report_store.hpp"
#include "services/api/backing.hpp"
#include "services/http/router.hpp"

#include <filesystem>

namespace diaban::services::api {

/// What reports stand on besides.
struct ReportBacking {
    data::postgis::ReportStore const& store;
    std::filesystem::path blobs;
};

/// Open311 GeoReport v2 under `/open311/v2`: services, requests, tokens, photos; in JSON and XML.
/// `read_only`: nothing can be sent.
void add_open311(http::Router& router, Backing const& backing, ReportBacking const& reports,
                 bool read_only);

/// What GeoReport has not: similar reports nearby, messages both ways, rating, reopening.
void add_reports(http::Router& router, Backing const& backing, ReportBacking const& reports,
                 bool read_only);

/// How many, by service, state and unit; how many are open, overdue, closed, and the median of the
/// days that it took. Numbers of reports that the visitor does not see are masked where small.
void add_report_statistics(http::Router& router, Backing const& backing);

/// Who a report is for: public, personal, hidden; with who decided so and why in the audit.
void add_moderation(http::Router& router, Backing const& backing);

} // namespace diaban::services::api
