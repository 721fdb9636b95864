#pragma once

#include "data/postgis/inspection_store.hpp"
#include "services/api/backing.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

inline constexpr char inspection_cases_id[] = "inspection_cases";
inline constexpr char case_photos_id[] = "case_photos";

/// What the routes of inspections stand on, besides the backing. Outlives them.
struct InspectionBacking {
    data::postgis::InspectionStore const& cases;
    data::postgis::CasePhotoStore const& photos;
};

/// `/land/cases`: opened by the sender's key, or once for a suspect; one of them with its
/// checklist, photos and every step; `/moves`, the next step.
void add_inspections(http::Router& router, Backing const& backing,
                     InspectionBacking const& inspections, bool writable);

/// `/land/cases/{caseId}/uploads` and `/land/uploads/{uploadId}`: photos in parts that go on from
/// where they were cut (in the manner of tus 1.0); `/land/cases/{caseId}/photos/{photoId}`.
void add_case_photos(http::Router& router, Backing const& backing,
                     InspectionBacking const& inspections, bool writable);

} // namespace diaban::services::api
