#pragma once

#include "services/api/backing.hpp"
#include "services/domain/coverage_shelf.hpp"
#include "services/http/router.hpp"

namespace diaban::services::api {

/// What cameras see: `/cameras/{id}/view` and `/cameras/seeing`.
void add_cameras(http::Router& router, Backing const& backing, domain::CoverageShelf const& shelf);

/// `/cameras/{id}/snapshot`: the picture that the registered address gives, and
/// `/cameras/{id}/stream`: where the stream is had. Both for who has the right to what is told of
/// persons, with the reason in the audit.
///
/// Guard   only hosts that the record names are asked (diaban.pull_host); no redirects, five
///         seconds, four megabytes, JPEG, PNG and WebP alone, sixteen at once.
void add_camera_pictures(http::Router& router, Backing const& backing);

/// POST `/cameras/{id}/offences`: a traffic offence as an incident where the camera stands. Its
/// plate and evidence tell of persons; a plate in part is shown to all who see the incident.
void add_offences(http::Router& router, Backing const& backing);

} // namespace diaban::services::api
