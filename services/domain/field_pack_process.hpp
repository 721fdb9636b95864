#pragma once

#include "services/domain/process.hpp"

namespace diaban::services::domain {

inline constexpr char field_pack_id[] = "field-pack";

/// `field-pack`: parcels, cases of inspection and what is known of their photos, of a commune
/// (`area`) or a box (`bbox`), as one GeoPackage that QGIS and QField open as it is: with forms,
/// value lists and styles.
///
/// Fields   what the asker sees, never personal ones.
/// States   the pack names itself, who took it, when, of what, and the version of each row.
[[nodiscard]] Process field_pack_process();

} // namespace diaban::services::domain
