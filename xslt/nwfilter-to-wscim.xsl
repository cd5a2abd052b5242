<?xml version="1.0" encoding="UTF-8"?>
<!--
  Native network filter -> CIM instances in WS-CIM shape, values as text ("neutral form", docs/cim.md).

    xsltproc xslt/nwfilter-to-wscim.xsl filter.xml

  Input       one <filter> in canonical native XML, as `nwgate dumpxml` prints it. Rules may carry nwg:id, their stable
              identity. nwg:part="entries" on the root asks for the entries only, nwg:index on an entry says its position
              in the whole filter: so a filter can be fed rule by rule. Or several in <nwg:documents>, answered in one.
  Output      <i:Instances>: one NWG_FilterList; then in the order of the filter each rule's entry followed by its
              NWG_EntriesInFilterList, and for each filterref one NWG_NestedFilterList. RuleIndex and RefIndex count all
              entries of the filter from 0. An entry is called <filter>:<nwg:id>, without id <filter>:<position>.
  Parameter   systemName: key of the host in every instance; localhost when not given.

  A $VARIABLE is no value of a typed property: VariableProperties names the property, VariableExpressions, at the same
  place, the variable. NegatedProperties names what stands in match='no'. A port without end is a range of one port in
  CIM, where a missing end means "and all above": the end is written and named in ImpliedProperties.

  What no property holds comes out as <nwg:refused>, never as a gap.

  Style       Two engines run this sheet, and it keeps to what both get right: no key(), no unions, no `//`, no recursion;
              every prefix of a computed name is declared on the root; one engine lets templates see the variables of
              their callers, so names are unique and every parameter is passed. Tables are strings: ` KEY=VALUE ` with a
              space on each side. wscim-to-nwfilter.xsl holds the inverse tables (a string cannot be searched backwards);
              a test holds the two against each other and against the protocols' attributes.
-->
<xsl:stylesheet version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:nwg="http://schemas.nwgate.org/nwfilter/1"
    xmlns:i="http://schemas.nwgate.org/wbem/wscim/1/instances"
    xmlns:list="http://schemas.nwgate.org/wbem/wscim/1/cim-schema/2/NWG_FilterList"
    xmlns:eth="http://schemas.nwgate.org/wbem/wscim/1/cim-schema/2/NWG_Hdr8021Filter"
    xmlns:ip="http://schemas.nwgate.org/wbem/wscim/1/cim-schema/2/NWG_IPHeadersFilter"
    xmlns:arp="http://schemas.nwgate.org/wbem/wscim/1/cim-schema/2/NWG_ARPFilter"
    xmlns:stp="http://schemas.nwgate.org/wbem/wscim/1/cim-schema/2/NWG_STPFilter"
    xmlns:any="http://schemas.nwgate.org/wbem/wscim/1/cim-schema/2/NWG_AnyFilter"
    xmlns:member="http://schemas.nwgate.org/wbem/wscim/1/cim-schema/2/NWG_EntriesInFilterList"
    xmlns:nested="http://schemas.nwgate.org/wbem/wscim/1/cim-schema/2/NWG_NestedFilterList"
    xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing"
    xmlns:wsman="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
    exclude-result-prefixes="nwg">
  <xsl:output method="xml" encoding="UTF-8" indent="yes"/>
  <xsl:param name="systemName" select="'localhost'"/>

  <!-- Attribute to property. The prefix of a class in front: only in that class. -->
  <xsl:variable name="propertyOf" select="concat(' ', normalize-space('
    comment=Description
    srcmacaddr=HdrSrcMACAddr8021 srcmacmask=HdrSrcMACMask8021 dstmacaddr=HdrDestMACAddr8021 dstmacmask=HdrDestMACMask8021
    protocolid=HdrProtocolID8021 vlanid=HdrVLANID8021 encap-protocol=EncapProtocolID
    ip:srcmacaddr=HdrSrcMACAddr ip:srcmacmask=HdrSrcMACMask ip:dstmacaddr=HdrDestMACAddr ip:dstmacmask=HdrDestMACMask
    srcipaddr=HdrSrcAddress srcipmask=HdrSrcMask dstipaddr=HdrDestAddress dstipmask=HdrDestMask
    srcipfrom=RangeSrcAddress srcipto=RangeSrcAddressEndOfRange dstipfrom=RangeDestAddress dstipto=RangeDestAddressEndOfRange
    protocol=HdrProtocolID dscp=HdrDSCP
    srcportstart=HdrSrcPortStart srcportend=HdrSrcPortEnd dstportstart=HdrDestPortStart dstportend=HdrDestPortEnd
    type=ICMPType typeend=ICMPTypeEnd code=ICMPCode codeend=ICMPCodeEnd
    flags=TCPFlagsMask option=TCPOption state=ConnectionStates
    ipset=IPSetName ipsetflags=IPSetFlags connlimit-above=ConnectionLimitAbove
    hwtype=HWType protocoltype=ProtocolType opcode=OPCode arpsrcmacaddr=ARPSrcMACAddr arpdstmacaddr=ARPDestMACAddr
    arpsrcipaddr=ARPSrcIPAddr arpsrcipmask=ARPSrcIPMask arpdstipaddr=ARPDestIPAddr arpdstipmask=ARPDestIPMask
    gratuitous=Gratuitous
    stp:type=BPDUType stp:flags=BPDUFlags
    root-priority=RootPriority root-priority-hi=RootPriorityHi root-address=RootAddress root-address-mask=RootAddressMask
    root-cost=RootPathCost root-cost-hi=RootPathCostHi sender-priority=SenderPriority sender-priority-hi=SenderPriorityHi
    sender-address=SenderAddress sender-address-mask=SenderAddressMask port=Port port-hi=PortHi age=Age age-hi=AgeHi
    max-age=MaxAge max-age-hi=MaxAgeHi hello-time=HelloTime hello-time-hi=HelloTimeHi
    forward-delay=ForwardDelay forward-delay-hi=ForwardDelayHi
    '), ' ')"/>
  <!-- Names that stand for numbers, by what they name. -->
  <xsl:variable name="numberOf" select="concat(' ', normalize-space('
    ethertype:ipv4=2048 ethertype:arp=2054 ethertype:rarp=32821 ethertype:vlan=33024 ethertype:ipv6=34525
    protocol:icmp=1 protocol:igmp=2 protocol:tcp=6 protocol:udp=17 protocol:esp=50 protocol:ah=51 protocol:icmpv6=58
    protocol:sctp=132 protocol:udplite=136
    opcode:Request=1 opcode:Reply=2 opcode:Request_Reverse=3 opcode:Reply_Reverse=4 opcode:DRARP_Request=5
    opcode:DRARP_Reply=6 opcode:DRARP_Error=7 opcode:InARP_Request=8 opcode:ARP_NAK=9
    '), ' ')"/>
  <xsl:variable name="actionOf" select="' accept=1 drop=2 reject=3 return=4 continue=5 '"/>
  <xsl:variable name="directionOf" select="' in=1 out=2 inout=3 '"/>

  <!-- Several documents at once: what each becomes, in their order. -->
  <xsl:template match="nwg:documents">
    <nwg:documents><xsl:apply-templates select="*"/></nwg:documents>
  </xsl:template>

  <xsl:template match="filter">
    <xsl:variable name="filter" select="string(@name)"/>
    <i:Instances>
      <xsl:if test="not(@nwg:part)">
        <list:NWG_FilterList>
          <xsl:call-template name="keys">
            <xsl:with-param name="keyPrefix" select="'list'"/>
            <xsl:with-param name="keyClass" select="'NWG_FilterList'"/>
            <xsl:with-param name="keyName" select="$filter"/>
          </xsl:call-template>
          <list:Chain>
            <xsl:choose>
              <xsl:when test="@chain"><xsl:value-of select="@chain"/></xsl:when>
              <xsl:otherwise>root</xsl:otherwise>
            </xsl:choose>
          </list:Chain>
          <xsl:if test="@priority"><list:Priority><xsl:value-of select="@priority"/></list:Priority></xsl:if>
          <xsl:for-each select="uuid"><list:UUID><xsl:value-of select="."/></list:UUID></xsl:for-each>
        </list:NWG_FilterList>
      </xsl:if>
      <xsl:for-each select="*[local-name() != 'uuid']">
        <xsl:variable name="index">
          <xsl:choose>
            <xsl:when test="@nwg:index"><xsl:value-of select="@nwg:index"/></xsl:when>
            <xsl:otherwise><xsl:value-of select="position() - 1"/></xsl:otherwise>
          </xsl:choose>
        </xsl:variable>
        <xsl:apply-templates select=".">
          <xsl:with-param name="owner" select="$filter"/>
          <xsl:with-param name="at" select="string($index)"/>
        </xsl:apply-templates>
      </xsl:for-each>
    </i:Instances>
  </xsl:template>

  <xsl:template match="filterref">
    <xsl:param name="owner"/>
    <xsl:param name="at"/>
    <nested:NWG_NestedFilterList>
      <nested:Antecedent>
        <xsl:call-template name="reference">
          <xsl:with-param name="targetClass" select="'NWG_FilterList'"/>
          <xsl:with-param name="targetName" select="string(@filter)"/>
        </xsl:call-template>
      </nested:Antecedent>
      <nested:Dependent>
        <xsl:call-template name="reference">
          <xsl:with-param name="targetClass" select="'NWG_FilterList'"/>
          <xsl:with-param name="targetName" select="$owner"/>
        </xsl:call-template>
      </nested:Dependent>
      <nested:RefIndex><xsl:value-of select="$at"/></nested:RefIndex>
      <xsl:for-each select="parameter">
        <nested:ParameterNames><xsl:value-of select="@name"/></nested:ParameterNames>
        <nested:ParameterValues><xsl:value-of select="@value"/></nested:ParameterValues>
      </xsl:for-each>
    </nested:NWG_NestedFilterList>
  </xsl:template>

  <xsl:template match="rule">
    <xsl:param name="owner"/>
    <xsl:param name="at"/>
    <!-- Not local-name(*[1]): of an empty set one engine answers the current node's. -->
    <xsl:variable name="protocolElement">
      <xsl:for-each select="*[1]"><xsl:value-of select="local-name()"/></xsl:for-each>
    </xsl:variable>
    <xsl:variable name="protocol" select="string($protocolElement)"/>
    <xsl:variable name="prefix">
      <xsl:choose>
        <xsl:when test="$protocol = ''">any</xsl:when>
        <xsl:when test="$protocol = 'mac' or $protocol = 'vlan'">eth</xsl:when>
        <xsl:when test="$protocol = 'arp' or $protocol = 'rarp'">arp</xsl:when>
        <xsl:when test="$protocol = 'stp'">stp</xsl:when>
        <xsl:otherwise>ip</xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:variable name="class">
      <xsl:choose>
        <xsl:when test="$prefix = 'any'">NWG_AnyFilter</xsl:when>
        <xsl:when test="$prefix = 'eth'">NWG_Hdr8021Filter</xsl:when>
        <xsl:when test="$prefix = 'arp'">NWG_ARPFilter</xsl:when>
        <xsl:when test="$prefix = 'stp'">NWG_STPFilter</xsl:when>
        <xsl:otherwise>NWG_IPHeadersFilter</xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:variable name="entryName">
      <xsl:choose>
        <xsl:when test="@nwg:id"><xsl:value-of select="concat($owner, ':', @nwg:id)"/></xsl:when>
        <xsl:otherwise><xsl:value-of select="concat($owner, ':', $at)"/></xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:element name="{$prefix}:{$class}">
      <xsl:call-template name="keys">
        <xsl:with-param name="keyPrefix" select="string($prefix)"/>
        <xsl:with-param name="keyClass" select="string($class)"/>
        <xsl:with-param name="keyName" select="string($entryName)"/>
      </xsl:call-template>
      <xsl:element name="{$prefix}:IsNegated">false</xsl:element>
      <xsl:call-template name="rule-set">
        <xsl:with-param name="rulePrefix" select="string($prefix)"/>
        <xsl:with-param name="ruleProtocol" select="$protocol"/>
      </xsl:call-template>
      <xsl:call-template name="implied-by-protocol">
        <xsl:with-param name="impliedPrefix" select="string($prefix)"/>
        <xsl:with-param name="impliedProtocol" select="$protocol"/>
      </xsl:call-template>
      <!-- A range is the address itself where there is no other. -->
      <xsl:variable name="srcRange">
        <xsl:choose>
          <xsl:when test="*/@srcipfrom and */@srcipto and not(*/@srcipaddr)">HdrSrcAddress</xsl:when>
          <xsl:otherwise>RangeSrcAddress</xsl:otherwise>
        </xsl:choose>
      </xsl:variable>
      <xsl:variable name="destRange">
        <xsl:choose>
          <xsl:when test="*/@dstipfrom and */@dstipto and not(*/@dstipaddr)">HdrDestAddress</xsl:when>
          <xsl:otherwise>RangeDestAddress</xsl:otherwise>
        </xsl:choose>
      </xsl:variable>
      <xsl:for-each select="*">
        <xsl:variable name="negated" select="string(@match)"/>
        <xsl:for-each select="@*">
          <xsl:if test="name() != 'match'">
            <xsl:call-template name="attribute">
              <xsl:with-param name="px" select="string($prefix)"/>
              <xsl:with-param name="match" select="$negated"/>
              <xsl:with-param name="src" select="string($srcRange)"/>
              <xsl:with-param name="dest" select="string($destRange)"/>
            </xsl:call-template>
          </xsl:if>
        </xsl:for-each>
      </xsl:for-each>
    </xsl:element>
    <member:NWG_EntriesInFilterList>
      <member:GroupComponent>
        <xsl:call-template name="reference">
          <xsl:with-param name="targetClass" select="'NWG_FilterList'"/>
          <xsl:with-param name="targetName" select="$owner"/>
        </xsl:call-template>
      </member:GroupComponent>
      <member:PartComponent>
        <xsl:call-template name="reference">
          <xsl:with-param name="targetClass" select="string($class)"/>
          <xsl:with-param name="targetName" select="string($entryName)"/>
        </xsl:call-template>
      </member:PartComponent>
      <member:EntrySequence>0</member:EntrySequence>
      <member:RuleIndex><xsl:value-of select="$at"/></member:RuleIndex>
    </member:NWG_EntriesInFilterList>
  </xsl:template>

  <!-- The rule's own attributes. -->
  <xsl:template name="rule-set">
    <xsl:param name="rulePrefix"/>
    <xsl:param name="ruleProtocol"/>
    <xsl:element name="{$rulePrefix}:Action">
      <xsl:value-of select="substring-before(substring-after($actionOf, concat(' ', @action, '=')), ' ')"/>
    </xsl:element>
    <xsl:element name="{$rulePrefix}:Direction">
      <xsl:value-of select="substring-before(substring-after($directionOf, concat(' ', @direction, '=')), ' ')"/>
    </xsl:element>
    <xsl:element name="{$rulePrefix}:Priority">
      <xsl:choose>
        <xsl:when test="@priority"><xsl:value-of select="@priority"/></xsl:when>
        <xsl:otherwise>500</xsl:otherwise>
      </xsl:choose>
    </xsl:element>
    <xsl:element name="{$rulePrefix}:StateMatch">
      <xsl:choose>
        <xsl:when test="@statematch = 'false' or @statematch = '0'">false</xsl:when>
        <xsl:otherwise>true</xsl:otherwise>
      </xsl:choose>
    </xsl:element>
    <xsl:if test="$ruleProtocol != ''">
      <xsl:element name="{$rulePrefix}:ProtocolElement"><xsl:value-of select="$ruleProtocol"/></xsl:element>
    </xsl:if>
  </xsl:template>

  <!-- What the name of the protocol element says about the headers. -->
  <xsl:template name="implied-by-protocol">
    <xsl:param name="impliedPrefix"/>
    <xsl:param name="impliedProtocol"/>
    <xsl:if test="$impliedProtocol = 'vlan'"><eth:HdrProtocolID8021>33024</eth:HdrProtocolID8021></xsl:if>
    <xsl:if test="$impliedProtocol = 'arp'"><arp:IsReverse>false</arp:IsReverse></xsl:if>
    <xsl:if test="$impliedProtocol = 'rarp'"><arp:IsReverse>true</arp:IsReverse></xsl:if>
    <xsl:if test="$impliedPrefix = 'ip'">
      <ip:HdrIPVersion>
        <xsl:choose>
          <xsl:when test="contains($impliedProtocol, 'v6')">6</xsl:when>
          <xsl:otherwise>4</xsl:otherwise>
        </xsl:choose>
      </ip:HdrIPVersion>
      <xsl:variable name="transport" select="substring-before(concat($impliedProtocol, '-'), '-')"/>
      <xsl:if test="$transport != 'ip' and $transport != 'ipv6' and $transport != 'all'">
        <ip:HdrProtocolID>
          <xsl:value-of select="substring-before(substring-after($numberOf, concat(' protocol:', $transport, '=')), ' ')"/>
        </ip:HdrProtocolID>
      </xsl:if>
    </xsl:if>
  </xsl:template>

  <!-- One attribute of a protocol element. -->
  <xsl:template name="attribute">
    <xsl:param name="px"/>
    <xsl:param name="match"/>
    <xsl:param name="src"/>
    <xsl:param name="dest"/>
    <xsl:variable name="a" select="name()"/>
    <xsl:variable name="inClass" select="substring-before(substring-after($propertyOf, concat(' ', $px, ':', $a, '=')), ' ')"/>
    <xsl:variable name="property">
      <xsl:choose>
        <xsl:when test="$a = 'srcipfrom'"><xsl:value-of select="$src"/></xsl:when>
        <xsl:when test="$a = 'srcipto'"><xsl:value-of select="concat($src, 'EndOfRange')"/></xsl:when>
        <xsl:when test="$a = 'dstipfrom'"><xsl:value-of select="$dest"/></xsl:when>
        <xsl:when test="$a = 'dstipto'"><xsl:value-of select="concat($dest, 'EndOfRange')"/></xsl:when>
        <xsl:when test="$inClass != ''"><xsl:value-of select="$inClass"/></xsl:when>
        <xsl:otherwise><xsl:value-of select="substring-before(substring-after($propertyOf, concat(' ', $a, '=')), ' ')"/></xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:choose>
      <xsl:when test="$property = ''">
        <nwg:refused property="{$a}" reason="the attribute has no property" instance="{../../@nwg:id}"/>
      </xsl:when>
      <xsl:when test="$property = 'Description'">
        <xsl:element name="{$px}:Description"><xsl:value-of select="."/></xsl:element>
      </xsl:when>
      <xsl:when test="$property = 'TCPFlagsMask' and contains(., '/')">
        <xsl:call-template name="property">
          <xsl:with-param name="pp" select="$px"/>
          <xsl:with-param name="pn" select="'TCPFlagsMask'"/>
          <xsl:with-param name="pv" select="substring-before(., '/')"/>
          <xsl:with-param name="pm" select="$match"/>
        </xsl:call-template>
        <xsl:call-template name="property">
          <xsl:with-param name="pp" select="$px"/>
          <xsl:with-param name="pn" select="'TCPFlagsSet'"/>
          <xsl:with-param name="pv" select="substring-after(., '/')"/>
          <xsl:with-param name="pm" select="$match"/>
        </xsl:call-template>
      </xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="property">
          <xsl:with-param name="pp" select="$px"/>
          <xsl:with-param name="pn" select="string($property)"/>
          <xsl:with-param name="pv" select="string(.)"/>
          <xsl:with-param name="pm" select="$match"/>
        </xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
    <xsl:if test="$a = 'srcportstart' and not(../@srcportend)">
      <ip:ImpliedProperties>HdrSrcPortEnd</ip:ImpliedProperties>
      <xsl:call-template name="property">
        <xsl:with-param name="pp" select="$px"/>
        <xsl:with-param name="pn" select="'HdrSrcPortEnd'"/>
        <xsl:with-param name="pv" select="string(.)"/>
        <xsl:with-param name="pm" select="$match"/>
      </xsl:call-template>
    </xsl:if>
    <xsl:if test="$a = 'dstportstart' and not(../@dstportend)">
      <ip:ImpliedProperties>HdrDestPortEnd</ip:ImpliedProperties>
      <xsl:call-template name="property">
        <xsl:with-param name="pp" select="$px"/>
        <xsl:with-param name="pn" select="'HdrDestPortEnd'"/>
        <xsl:with-param name="pv" select="string(.)"/>
        <xsl:with-param name="pm" select="$match"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>

  <!-- Value $pv of the current attribute as the property $pn. -->
  <xsl:template name="property">
    <xsl:param name="pp"/>
    <xsl:param name="pn"/>
    <xsl:param name="pv"/>
    <xsl:param name="pm"/>
    <xsl:if test="$pm = 'no'">
      <xsl:element name="{$pp}:NegatedProperties"><xsl:value-of select="$pn"/></xsl:element>
    </xsl:if>
    <xsl:choose>
      <xsl:when test="starts-with($pv, '$')">
        <xsl:element name="{$pp}:VariableProperties"><xsl:value-of select="$pn"/></xsl:element>
        <xsl:element name="{$pp}:VariableExpressions"><xsl:value-of select="$pv"/></xsl:element>
      </xsl:when>
      <xsl:otherwise>
        <xsl:variable name="table">
          <xsl:choose>
            <xsl:when test="$pn = 'HdrProtocolID8021' or $pn = 'EncapProtocolID'">ethertype</xsl:when>
            <xsl:when test="$pn = 'HdrProtocolID'">protocol</xsl:when>
            <xsl:when test="$pn = 'OPCode'">opcode</xsl:when>
          </xsl:choose>
        </xsl:variable>
        <xsl:variable name="number" select="substring-before(substring-after($numberOf, concat(' ', $table, ':', $pv, '=')), ' ')"/>
        <xsl:element name="{$pp}:{$pn}">
          <xsl:choose>
            <xsl:when test="$number != ''"><xsl:value-of select="$number"/></xsl:when>
            <xsl:otherwise><xsl:value-of select="$pv"/></xsl:otherwise>
          </xsl:choose>
        </xsl:element>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="keys">
    <xsl:param name="keyPrefix"/>
    <xsl:param name="keyClass"/>
    <xsl:param name="keyName"/>
    <xsl:element name="{$keyPrefix}:SystemCreationClassName">NWG_HostSystem</xsl:element>
    <xsl:element name="{$keyPrefix}:SystemName"><xsl:value-of select="$systemName"/></xsl:element>
    <xsl:element name="{$keyPrefix}:CreationClassName"><xsl:value-of select="$keyClass"/></xsl:element>
    <xsl:element name="{$keyPrefix}:Name"><xsl:value-of select="$keyName"/></xsl:element>
  </xsl:template>

  <!-- Content of a reference property: an endpoint reference. -->
  <xsl:template name="reference">
    <xsl:param name="targetClass"/>
    <xsl:param name="targetName"/>
    <wsa:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsa:Address>
    <wsa:ReferenceParameters>
      <wsman:ResourceURI>http://schemas.nwgate.org/wbem/wscim/1/cim-schema/2/<xsl:value-of select="$targetClass"/></wsman:ResourceURI>
      <wsman:SelectorSet>
        <wsman:Selector Name="SystemCreationClassName">NWG_HostSystem</wsman:Selector>
        <wsman:Selector Name="SystemName"><xsl:value-of select="$systemName"/></wsman:Selector>
        <wsman:Selector Name="CreationClassName"><xsl:value-of select="$targetClass"/></wsman:Selector>
        <wsman:Selector Name="Name"><xsl:value-of select="$targetName"/></wsman:Selector>
      </wsman:SelectorSet>
    </wsa:ReferenceParameters>
  </xsl:template>
</xsl:stylesheet>
