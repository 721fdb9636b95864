#pragma once

#include "data/model/edit.hpp"
#include "data/model/inspection.hpp"
#include "data/postgis/inspection_store.hpp"

#include <pqxx/pqxx>

namespace diaban::data::postgis {

/// Opens a case in a transaction under way, as InspectionStore::open; the author is set. For
/// sources of this room: libpqxx. The policy of the transaction is any after it.
[[nodiscard]] model::OpenedInspection open_case(pqxx::transaction_base& sql,
                                                model::NewInspection const& asked, geo::Instant now,
                                                model::Author const& author,
                                                InspectionStore::Policies const& policies);

} // namespace diaban::data::postgis
