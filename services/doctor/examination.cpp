#include "services/doctor/examination.hpp"

#include "services/doctor/files.hpp"
#include "services/doctor/ground.hpp"
#include "services/doctor/ports.hpp"
#include "services/doctor/record.hpp"

#include <iterator>

namespace diaban::services::doctor {

Findings examine(Settings const& settings, Surroundings const& surroundings) {
    Findings all;
    auto const add = [&all](Findings findings) {
        std::move(findings.begin(), findings.end(), std::back_inserter(all));
    };
    add(examine_record(settings, surroundings));
    add(examine_certificates(settings, surroundings));
    add(examine_ground());
    add(examine_folders(settings, surroundings));
    add(examine_ports(settings));
    return all;
}

} // namespace diaban::services::doctor
