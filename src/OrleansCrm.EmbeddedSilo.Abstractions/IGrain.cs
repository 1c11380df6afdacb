using Orleans.Runtime;

namespace Orleans;

/// <summary>Base of all grain interfaces. Methods return <see cref="Task"/>, <see cref="Task{TResult}"/>,
/// <see cref="ValueTask"/>, <see cref="ValueTask{TResult}"/>, or nothing when they are one-way.</summary>
public interface IGrain : IAddressable;

/// <summary>A grain whose key is text, compared ordinally, never empty.</summary>
public interface IGrainWithStringKey : IGrain;

/// <summary>A grain whose key is a 64-bit integer.</summary>
public interface IGrainWithIntegerKey : IGrain;

/// <summary>Base of the interfaces of objects outside the grains that grains may call back.</summary>
public interface IGrainObserver : IAddressable;
