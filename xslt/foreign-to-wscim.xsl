<?xml version="1.0" encoding="UTF-8"?>
<!--
  CIM instances of others -> ours, values as text ("neutral form", docs/cim.md): CIM_ (the standard), KVM_ (libvirt-cim) and
  AMT_ (Intel AMT).

    xsltproc xslt/foreign-to-wscim.xsl vendor.xml | xsltproc xslt/wscim-to-nwfilter.xsl -

  Input       <i:Instances>: one FilterList, then its entries and nested lists in the order of the filter. A class is known by
              its local name, a property by its own. nwg:part="entries" on the root asks for the entries only.
              Or several in <nwg:documents>, answered in one.
  Output      <i:Instances>: an instance of a NWG_ class in place of each, the vendor's name of it as ElementName. Associations
              that say where an instance belongs are passed over: the order says it. A property that is not spoken of below
              keeps its name, and wscim-to-nwfilter.xsl knows what to make of it. What has no native form comes out in place
              as <nwg:refused property= reason= instance=>.

  How others are read
    Direction        the entry's, else that of the list (1 Input, 2 Output, 3 Both).
    AMT_             FilterDirection 0 Tx is out, 1 Rx is in; FilterProfile 3 passes, 4 drops, others are refused.
    Ports            a missing start is 0. (An end that is missing is the highest port in all CIM classes.)
    FilterEntry      one condition as text: addr, addr/mask or addr/length for types 2 and 3; a protocol's number or name
                     for 8; nothing for 13 (any). An entry without condition meets every frame, and is refused where that
                     would let frames through.
    NestedFilterList libvirt-cim has the roles the other way round.

  Style       as in nwfilter-to-wscim.xsl.
-->
<xsl:stylesheet version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:nwg="http://schemas.nwgate.org/nwfilter/1"
    xmlns:i="http://schemas.nwgate.org/wbem/wscim/1/instances"
    xmlns:list="http://schemas.nwgate.org/wbem/wscim/1/cim-schema/2/NWG_FilterList"
    xmlns:eth="http://schemas.nwgate.org/wbem/wscim/1/cim-schema/2/NWG_Hdr8021Filter"
    xmlns:ip="http://schemas.nwgate.org/wbem/wscim/1/cim-schema/2/NWG_IPHeadersFilter"
    xmlns:any="http://schemas.nwgate.org/wbem/wscim/1/cim-schema/2/NWG_AnyFilter"
    xmlns:nested="http://schemas.nwgate.org/wbem/wscim/1/cim-schema/2/NWG_NestedFilterList"
    xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing"
    xmlns:wsman="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd">
  <xsl:output method="xml" encoding="UTF-8" indent="yes"/>

  <!-- Keys and names of the vendor, and what is said in other words below. -->
  <xsl:variable name="retold" select="concat(' ', normalize-space('
    SystemCreationClassName SystemName CreationClassName Name InstanceID ElementName Action Direction FilterProfile
    FilterDirection ActionEventOnMatch DefaultFilter TrafficType MatchConditionType MatchConditionValue
    '), ' ')"/>
  <!-- Properties under another name: MAC addresses beside IP headers. -->
  <xsl:variable name="renamed" select="concat(' ', normalize-space('
    ip:HdrSrcMACAddr8021=HdrSrcMACAddr ip:HdrSrcMACMask8021=HdrSrcMACMask
    ip:HdrDestMACAddr8021=HdrDestMACAddr ip:HdrDestMACMask8021=HdrDestMACMask
    '), ' ')"/>
  <xsl:variable name="protocolNumberOf"
    select="' icmp=1 igmp=2 tcp=6 udp=17 esp=50 ah=51 icmpv6=58 sctp=132 udplite=136 '"/>
  <xsl:variable name="profileAction" select="' 3=1 4=2 '"/>
  <xsl:variable name="profileDirection" select="' 0=2 1=1 '"/>
  <xsl:variable name="upper" select="'ABCDEFGHIJKLMNOPQRSTUVWXYZ'"/>
  <xsl:variable name="lower" select="'abcdefghijklmnopqrstuvwxyz'"/>

  <!-- Several documents at once: what each becomes, in their order. -->
  <xsl:template match="nwg:documents">
    <nwg:documents><xsl:apply-templates select="*"/></nwg:documents>
  </xsl:template>

  <xsl:template match="i:Instances">
    <xsl:variable name="listDirectionText">
      <xsl:for-each select="*[substring-after(local-name(), '_') = 'FilterList']">
        <xsl:if test="position() = 1"><xsl:value-of select="normalize-space(*[local-name() = 'Direction'])"/></xsl:if>
      </xsl:for-each>
    </xsl:variable>
    <xsl:variable name="listDirection" select="string($listDirectionText)"/>
    <xsl:variable name="part" select="string(@nwg:part)"/>
    <i:Instances>
      <xsl:for-each select="*">
        <xsl:variable name="kind" select="substring-after(local-name(), '_')"/>
        <xsl:choose>
          <xsl:when test="$kind = 'FilterList'">
            <xsl:if test="$part = ''"><xsl:call-template name="list"/></xsl:if>
          </xsl:when>
          <xsl:when test="$kind = 'EntriesInFilterList' or starts-with($kind, 'Hosted')"/>
          <xsl:when test="$kind = 'NestedFilterList'"><xsl:call-template name="nested"/></xsl:when>
          <xsl:when test="$kind = 'FilterEntry'">
            <xsl:call-template name="condition">
              <xsl:with-param name="cDirection" select="$listDirection"/>
            </xsl:call-template>
          </xsl:when>
          <xsl:when test="$kind = 'Hdr8021Filter'">
            <eth:NWG_Hdr8021Filter>
              <xsl:call-template name="entry">
                <xsl:with-param name="px" select="'eth'"/>
                <xsl:with-param name="inherited" select="$listDirection"/>
              </xsl:call-template>
            </eth:NWG_Hdr8021Filter>
          </xsl:when>
          <xsl:when test="$kind = 'IPHeadersFilter'">
            <ip:NWG_IPHeadersFilter>
              <xsl:call-template name="entry">
                <xsl:with-param name="px" select="'ip'"/>
                <xsl:with-param name="inherited" select="$listDirection"/>
              </xsl:call-template>
              <xsl:if test="*[local-name() = 'HdrSrcPortEnd'] and not(*[local-name() = 'HdrSrcPortStart'])">
                <ip:HdrSrcPortStart>0</ip:HdrSrcPortStart>
              </xsl:if>
              <xsl:if test="*[local-name() = 'HdrDestPortEnd'] and not(*[local-name() = 'HdrDestPortStart'])">
                <ip:HdrDestPortStart>0</ip:HdrDestPortStart>
              </xsl:if>
            </ip:NWG_IPHeadersFilter>
          </xsl:when>
          <xsl:otherwise>
            <nwg:refused property="CreationClassName" reason="no part of a filter" instance="{local-name()}"/>
          </xsl:otherwise>
        </xsl:choose>
      </xsl:for-each>
    </i:Instances>
  </xsl:template>

  <xsl:template name="list">
    <xsl:variable name="instanceId" select="normalize-space(*[local-name() = 'InstanceID'])"/>
    <list:NWG_FilterList>
      <list:Name><xsl:value-of select="*[local-name() = 'Name']"/></list:Name>
      <!-- libvirt-cim shows the uuid as InstanceID. -->
      <xsl:if test="starts-with(local-name(), 'KVM_') and string-length($instanceId) = 36 and string-length(translate($instanceId, '-', '')) = 32">
        <list:UUID><xsl:value-of select="$instanceId"/></list:UUID>
      </xsl:if>
      <xsl:for-each select="*[local-name() = 'Direction' or not(contains($retold, concat(' ', local-name(), ' ')))]">
        <xsl:element name="list:{local-name()}"><xsl:value-of select="."/></xsl:element>
      </xsl:for-each>
    </list:NWG_FilterList>
  </xsl:template>

  <xsl:template name="nested">
    <xsl:variable name="role">
      <xsl:choose>
        <xsl:when test="starts-with(local-name(), 'KVM_')">Dependent</xsl:when>
        <xsl:otherwise>Antecedent</xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <nested:NWG_NestedFilterList>
      <nested:Antecedent>
        <wsa:ReferenceParameters>
          <wsman:SelectorSet>
            <wsman:Selector Name="Name">
              <xsl:for-each select="*[local-name() = $role]/wsa:ReferenceParameters/wsman:SelectorSet/wsman:Selector">
                <xsl:if test="translate(@Name, $upper, $lower) = 'name'"><xsl:value-of select="."/></xsl:if>
              </xsl:for-each>
            </wsman:Selector>
          </wsman:SelectorSet>
        </wsa:ReferenceParameters>
      </nested:Antecedent>
    </nested:NWG_NestedFilterList>
  </xsl:template>

  <!-- The current entry as properties of the class with the prefix $px: what it does, then all it has under its own name. -->
  <xsl:template name="entry">
    <xsl:param name="px"/>
    <xsl:param name="inherited"/>
    <xsl:variable name="amt" select="starts-with(local-name(), 'AMT_')"/>
    <xsl:variable name="profile" select="normalize-space(*[local-name() = 'FilterProfile'])"/>
    <xsl:variable name="profiled" select="substring-before(substring-after($profileAction, concat(' ', $profile, '=')), ' ')"/>
    <xsl:variable name="sense" select="normalize-space(*[local-name() = 'FilterDirection'])"/>
    <xsl:variable name="direction">
      <xsl:choose>
        <xsl:when test="$amt and $sense != ''">
          <xsl:value-of select="substring-before(substring-after($profileDirection, concat(' ', $sense, '=')), ' ')"/>
        </xsl:when>
        <xsl:otherwise><xsl:value-of select="normalize-space(*[local-name() = 'Direction'])"/></xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:variable name="label" select="string(*[local-name() = 'Name'])"/>
    <xsl:element name="{$px}:ElementName"><xsl:value-of select="$label"/></xsl:element>
    <xsl:choose>
      <xsl:when test="$amt and $profiled != ''"><xsl:element name="{$px}:Action"><xsl:value-of select="$profiled"/></xsl:element></xsl:when>
      <xsl:when test="$amt">
        <!-- An action beside the refusal, so that nothing more is said of it. -->
        <xsl:element name="{$px}:Action">2</xsl:element>
        <nwg:refused property="FilterProfile" reason="only Pass (3) and Drop (4) have a native form" instance="{$label}"/>
      </xsl:when>
      <xsl:when test="*[local-name() = 'Action']">
        <xsl:element name="{$px}:Action"><xsl:value-of select="*[local-name() = 'Action']"/></xsl:element>
      </xsl:when>
    </xsl:choose>
    <xsl:choose>
      <xsl:when test="$direction != '' and $direction != '0'">
        <xsl:element name="{$px}:Direction"><xsl:value-of select="$direction"/></xsl:element>
      </xsl:when>
      <xsl:when test="contains(' 1 2 3 ', concat(' ', $inherited, ' '))">
        <xsl:element name="{$px}:Direction"><xsl:value-of select="$inherited"/></xsl:element>
      </xsl:when>
    </xsl:choose>
    <xsl:variable name="conditional" select="substring-after(local-name(), '_') = 'FilterEntry'"/>
    <xsl:for-each select="*[not(contains($retold, concat(' ', local-name(), ' ')))]">
      <xsl:variable name="other" select="substring-before(substring-after($renamed, concat(' ', $px, ':', local-name(), '=')), ' ')"/>
      <xsl:choose>
        <xsl:when test="$px = 'any' and local-name() = 'Description'"/>
        <xsl:when test="local-name() = 'IsNegated' and $conditional"/>
        <xsl:when test="$other != ''"><xsl:element name="{$px}:{$other}"><xsl:value-of select="."/></xsl:element></xsl:when>
        <xsl:otherwise><xsl:element name="{$px}:{local-name()}"><xsl:value-of select="."/></xsl:element></xsl:otherwise>
      </xsl:choose>
    </xsl:for-each>
    <xsl:if test="translate(*[local-name() = 'ActionEventOnMatch'], $upper, $lower) = 'true' or *[local-name() = 'ActionEventOnMatch'] = '1'">
      <nwg:refused property="ActionEventOnMatch" reason="native rules report no events" instance="{$label}"/>
    </xsl:if>
    <xsl:if test="translate(*[local-name() = 'DefaultFilter'], $upper, $lower) = 'true' or *[local-name() = 'DefaultFilter'] = '1'">
      <nwg:refused property="DefaultFilter" reason="a native filter has no default entry" instance="{$label}"/>
    </xsl:if>
  </xsl:template>

  <!-- CIM_FilterEntry: one condition as type and text -->

  <xsl:template name="condition">
    <xsl:param name="cDirection"/>
    <xsl:variable name="type" select="normalize-space(*[local-name() = 'MatchConditionType'])"/>
    <xsl:variable name="content" select="normalize-space(*[local-name() = 'MatchConditionValue'])"/>
    <xsl:variable name="traffic" select="normalize-space(*[local-name() = 'TrafficType'])"/>
    <xsl:variable name="isAddress" select="$type = '2' or $type = '3'"/>
    <xsl:variable name="versionText">
      <xsl:choose>
        <xsl:when test="$traffic = '1'">4</xsl:when>
        <xsl:when test="$traffic = '3'">6</xsl:when>
        <xsl:when test="$isAddress and contains($content, ':')">6</xsl:when>
        <xsl:when test="$isAddress">4</xsl:when>
      </xsl:choose>
    </xsl:variable>
    <xsl:variable name="version" select="string($versionText)"/>
    <xsl:choose>
      <xsl:when test="$version = ''">
        <any:NWG_AnyFilter>
          <xsl:call-template name="entry">
            <xsl:with-param name="px" select="'any'"/>
            <xsl:with-param name="inherited" select="$cDirection"/>
          </xsl:call-template>
          <xsl:call-template name="condition-refusals">
            <xsl:with-param name="rType" select="$type"/>
            <xsl:with-param name="rContent" select="$content"/>
            <xsl:with-param name="rTraffic" select="$traffic"/>
            <xsl:with-param name="rVersion" select="$version"/>
          </xsl:call-template>
        </any:NWG_AnyFilter>
      </xsl:when>
      <xsl:otherwise>
        <ip:NWG_IPHeadersFilter>
          <xsl:call-template name="entry">
            <xsl:with-param name="px" select="'ip'"/>
            <xsl:with-param name="inherited" select="$cDirection"/>
          </xsl:call-template>
          <ip:HdrIPVersion><xsl:value-of select="$version"/></ip:HdrIPVersion>
          <xsl:if test="($isAddress or $type = '8') and *[local-name() = 'IsNegated']">
            <ip:IsNegated><xsl:value-of select="*[local-name() = 'IsNegated']"/></ip:IsNegated>
          </xsl:if>
          <xsl:if test="$isAddress">
            <xsl:variable name="side">
              <xsl:choose>
                <xsl:when test="$type = '2'">Src</xsl:when>
                <xsl:otherwise>Dest</xsl:otherwise>
              </xsl:choose>
            </xsl:variable>
            <xsl:element name="ip:Hdr{$side}Address"><xsl:value-of select="normalize-space(substring-before(concat($content, '/'), '/'))"/></xsl:element>
            <xsl:if test="contains($content, '/')">
              <xsl:element name="ip:Hdr{$side}Mask"><xsl:value-of select="normalize-space(substring-after($content, '/'))"/></xsl:element>
            </xsl:if>
          </xsl:if>
          <xsl:if test="$type = '8'">
            <ip:HdrProtocolID><xsl:call-template name="protocol-number"><xsl:with-param name="written" select="$content"/></xsl:call-template></ip:HdrProtocolID>
          </xsl:if>
          <xsl:call-template name="condition-refusals">
            <xsl:with-param name="rType" select="$type"/>
            <xsl:with-param name="rContent" select="$content"/>
            <xsl:with-param name="rTraffic" select="$traffic"/>
            <xsl:with-param name="rVersion" select="$version"/>
          </xsl:call-template>
        </ip:NWG_IPHeadersFilter>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- Of a number or a name; nothing where there is no such protocol. -->
  <xsl:template name="protocol-number">
    <xsl:param name="written"/>
    <xsl:choose>
      <xsl:when test="$written != '' and translate($written, '0123456789', '') = ''"><xsl:value-of select="$written"/></xsl:when>
      <xsl:otherwise>
        <xsl:value-of select="substring-before(substring-after($protocolNumberOf, concat(' ', translate($written, $upper, $lower), '=')), ' ')"/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="condition-refusals">
    <xsl:param name="rType"/>
    <xsl:param name="rContent"/>
    <xsl:param name="rTraffic"/>
    <xsl:param name="rVersion"/>
    <xsl:variable name="rLabel" select="string(*[local-name() = 'Name'])"/>
    <xsl:variable name="does" select="normalize-space(*[local-name() = 'Action'])"/>
    <xsl:variable name="number"><xsl:call-template name="protocol-number"><xsl:with-param name="written" select="$rContent"/></xsl:call-template></xsl:variable>
    <xsl:variable name="turned" select="translate(*[local-name() = 'IsNegated'], $upper, $lower) = 'true' or *[local-name() = 'IsNegated'] = '1'"/>
    <xsl:variable name="anything" select="$rType = '13' or $rType = ''"/>
    <xsl:if test="$rTraffic = '2' or $rTraffic = '5'">
      <nwg:refused property="TrafficType" reason="{$rTraffic} is neither IPv4, IPv6 nor any" instance="{$rLabel}"/>
    </xsl:if>
    <xsl:choose>
      <xsl:when test="$rType = '2' or $rType = '3'">
        <xsl:if test="$rContent = ''">
          <nwg:refused property="MatchConditionValue" reason="has no address" instance="{$rLabel}"/>
        </xsl:if>
      </xsl:when>
      <xsl:when test="$rType = '8' and string($number) = ''">
        <nwg:refused property="MatchConditionValue" reason="{$rContent} is no IP protocol" instance="{$rLabel}"/>
      </xsl:when>
      <xsl:when test="$rType = '8' and $rVersion = ''">
        <nwg:refused property="TrafficType" reason="must be IPv4 or IPv6: native rules are for one of them" instance="{$rLabel}"/>
      </xsl:when>
      <xsl:when test="$rType = '8'"/>
      <xsl:when test="$anything and $turned">
        <nwg:refused property="IsNegated" reason="not any is nothing" instance="{$rLabel}"/>
      </xsl:when>
      <xsl:when test="$anything and $rContent != ''">
        <nwg:refused property="MatchConditionValue" reason="{$rContent} has no condition it belongs to" instance="{$rLabel}"/>
      </xsl:when>
      <xsl:when test="$rType = '13'"/>
      <!-- libvirt-cim shows a rule it has no words for, as of vlan and stp, as an entry without condition: read as what
           it says, every frame, where that lets nothing through. -->
      <xsl:when test="$rType = '' and ($does = '2' or $does = '3')"/>
      <xsl:when test="$rType = ''">
        <nwg:refused property="MatchConditionType" reason="the entry has none, and would let through every frame" instance="{$rLabel}"/>
      </xsl:when>
      <xsl:when test="$rType = '4' or $rType = '5' or $rType = '6' or $rType = '7'">
        <nwg:refused property="MatchConditionType" reason="ports without a protocol: use CIM_IPHeadersFilter with HdrProtocolID" instance="{$rLabel}"/>
      </xsl:when>
      <xsl:otherwise>
        <nwg:refused property="MatchConditionType" reason="{$rType} has no native form" instance="{$rLabel}"/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
