#pragma once

#include "services/domain/event_record.hpp"
#include "services/print/document.hpp"

namespace diaban::services::domain {

/// The situation report of an event, in Vietnamese or English: its phase, orders by state with
/// their receipts, calls by priority and state, people, teams, and official bulletins, each with
/// its source and the age of its latest entry. Each total is the sum of what stands beside it;
/// times are local (UTC+7).
[[nodiscard]] print::Document event_report(EventRecord const& record, bool english);

} // namespace diaban::services::domain
