// What a process that trains sets up first.
#pragma once

namespace assay::learn {

// One thread and deterministic algorithms: what makes two executions of a run give the same bits. To be called before
// the first tensor operation.
void make_deterministic();

// Lets malloc keep what is freed: a training step frees and asks for the same megabytes again and again, and handing
// them back to the system each time took a fifth of the processor time.
void keep_freed_memory();

}  // namespace assay::learn
