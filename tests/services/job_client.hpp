#pragma once

#include "tests/services/edit_client.hpp"
#include "tests/services/world.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>

namespace diaban::tests {

inline constexpr char json_type[] = "Content-Type: application/json\r\n";

/// Asks for an export; the answer, whatever it is.
inline RawAnswer ask_export(std::uint16_t port, nlohmann::json const& inputs) {
    return request(port, "POST", "/processes/export/execution", json_type,
                   nlohmann::json{{"inputs", inputs}}.dump());
}

/// Waits until `holds`; throws after half a minute.
inline void await(std::string const& what, std::function<bool()> const& holds) {
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (!holds()) {
        if (std::chrono::steady_clock::now() > end) throw std::runtime_error{"never: " + what};
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
}

/// A job as `/jobs/{id}` has it.
inline nlohmann::json job(std::uint16_t port, std::string const& id) {
    return nlohmann::json::parse(get(port, "/jobs/" + id).body);
}

/// Waits until the job is in that state.
inline nlohmann::json await_job(std::uint16_t port, std::string const& id,
                                std::string const& status) {
    nlohmann::json seen;
    await("job " + status, [&] {
        seen = job(port, id);
        if (status != "failed" && seen["status"] == "failed") throw std::runtime_error{seen.dump()};
        return seen["status"] == status;
    });
    return seen;
}

/// The file of an export that is asked for, run and fetched.
inline std::string exported(std::uint16_t port, nlohmann::json const& inputs) {
    auto const asked = ask_export(port, inputs);
    if (asked.status != 201) throw std::runtime_error{asked.body};
    std::string const id = nlohmann::json::parse(asked.body)["jobID"];
    await_job(port, id, "successful");
    auto const file = get(port, "/jobs/" + id + "/results/file");
    if (file.status != 200) throw std::runtime_error{file.body};
    return file.body;
}

} // namespace diaban::tests
