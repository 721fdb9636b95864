#pragma once

#include <string>

namespace diaban::services::http {

/// Memory, processor time, descriptors and start of this process, under the names that Prometheus's
/// own libraries give them. What the system does not tell is left out.
void write_process(std::string& out);

} // namespace diaban::services::http
