#pragma once

#include "char_rnn/network_writer.h"

namespace sample::char_rnn {

/// How the LSTM layers of the step network are written.
enum class StepForm { kRnnV2, kLoop };

/// One step of the model, with the bindings of TensorRT's sampleCharRNN:
///   data int32 [1] (a character), or float [1, E] where the caller looks the embedding up; hiddenIn, cellIn float [L, H]; seqLen int32 []
///   -> hiddenOut, cellOut float [L, H]; pred int32 [1, 1]
void describe_step(NetworkWriter& writer, const CharModel& model, StepForm form, bool embedding_outside);

/// How a character is chosen.
enum class Choice {
  kGreedy,  ///< the most probable one
  kSample   ///< one drawn from the most probable ones
};

/// Generation inside the engine: one call gives `count` characters of B independent texts.
///   token int32 [B] (the last character so far); hiddenIn, cellIn float [L, B, H]; count int32 []
///   kSample: temperature float [] (above 0), topK int32 [] (1 .. V), topP float [] (0 .. 1), random int64 [] (place in the random numbers)
///   -> text int32 [count, B]; tokenOut, hiddenOut, cellOut, randomOut: what the next call takes
/// Text b at step t uses number b of stream random + t of the fill layer "choice": the same for any B above b, any number of threads and any
/// division of the steps among calls.
void describe_generation(NetworkWriter& writer, const CharModel& model, Choice choice, int64_t batch);

/// Reading: the states after a text, and how well the model foresaw it.
///   ids, next int32 [T, B] (T dynamic); hiddenIn, cellIn float [L, B, H]
///   -> nats float [T, B] (cross entropy of next); hiddenOut, cellOut float [L, B, H]
void describe_reading(NetworkWriter& writer, const CharModel& model, int64_t batch);

/// Profile entries of the inputs above that are dynamic: count and T, from 1 to `most`.
void add_profile(nvinfer1::IBuilder& builder, nvinfer1::IBuilderConfig& config, nvinfer1::INetworkDefinition& network,
                 int32_t typical, int32_t most);

}  // namespace sample::char_rnn
