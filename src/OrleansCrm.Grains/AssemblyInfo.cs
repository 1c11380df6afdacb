using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("OrleansCrm.Grains.Tests")]
