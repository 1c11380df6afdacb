namespace System.Runtime.CompilerServices;

/// <summary>The runtime knows this attribute by its name: the assembly that carries it may use the internals of another.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    public string AssemblyName { get; } = assemblyName;
}
